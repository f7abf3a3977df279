-- Roles that only Sphinx knows, as words: a notebook is read far from the site.

local function words(label)
  local page = label:match("sphx_glr_gallery_%w+_plot_([%w_]+)%.py") or label:match("/plot_([%w_]+)$") or label
  return (page:gsub("_", " "))
end

function Code(element)
  if not element.classes:includes("interpreted-text") then
    return nil
  end
  local role, text = element.attributes.role, element.text
  local title = text:match("^(.-)%s*<.*>$")
  if role == "n" then
    return pandoc.Link(pandoc.Code(text), "optguide:n")  -- notebooks.py puts the number there
  end
  if role == "ref" or role == "doc" then
    return pandoc.Str(title or words(text))
  end
  if role == "term" then
    return pandoc.Str(title or text)
  end
  return pandoc.Code(title or text:match("^~.*%.([%w_]+)$") or text)
end

-- kingma2015 becomes Kingma (2015)
function Cite(element)
  local names = {}
  for _, citation in ipairs(element.citations) do
    local name, year = citation.id:match("^(%a+)(%d+)")
    table.insert(names, name:sub(1, 1):upper() .. name:sub(2) .. " (" .. year .. ")")
  end
  return pandoc.Str(table.concat(names, ", "))
end

-- Tables that are made while the site is built
function Div(element)
  if element.classes:includes("oracles") then
    return pandoc.Para("The page on the site lists the implementations that the tests compare with here.")
  end
end
