-- Roles that only Sphinx knows, as words or as marks, for which cells.py puts links, numbers and citations.

local function words(label)
  local page = label:match("sphx_glr_gallery_%w+_plot_([%w_]+)%.py") or label:match("/plot_([%w_]+)$") or label
  return (page:gsub("_", " "))
end

-- The page that a label of sphinx-gallery or the role doc leads to
local function page(role, target)
  local section, name = target:match("^sphx_glr_gallery_(%w+)_(plot_[%w_]+)%.py$")
  if section then
    return "/gallery/" .. section .. "/" .. name
  end
  return role == "doc" and target or nil
end

function Code(element)
  if not element.classes:includes("interpreted-text") then
    return nil
  end
  local role, text = element.attributes.role, element.text
  local title, target = text:match("^(.-)%s*<(.*)>$")
  if role == "n" then
    return pandoc.Link(pandoc.Code(text), "optguide:n")
  end
  if role == "ref" or role == "doc" then
    local found = page(role, target or text)
    if found then
      return pandoc.Link(title or "?", "optguide:doc/" .. found)
    end
    return pandoc.Str(title or words(text))
  end
  if role == "term" then
    return pandoc.Str(title or text)
  end
  return pandoc.Code(title or text:match("^~.*%.([%w_]+)$") or text)
end

function Cite(element)
  local keys = {}
  for _, citation in ipairs(element.citations) do
    table.insert(keys, citation.id)
  end
  return pandoc.Link("cite", "optguide:cite/" .. table.concat(keys, ","))
end

-- Tables that are made while the site is built
function Div(element)
  if element.classes:includes("oracles") then
    return pandoc.Para("The page on the site lists the implementations that the tests compare with here.")
  end
end
