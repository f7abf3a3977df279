"""Facts that nothing computes are recorded: who changes one sees it in the record, and compares it with its source."""

import inspect
import os
import re
import sys
import textwrap
import tomllib
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

import optguide as og
from optguide import optimizers, study, surfaces
from optguide.given import unwrap
from optguide.language import pseudocode

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.append(str(ROOT / "checks"))
prose_numbers = pytest.importorskip("prose_numbers", reason="needs the docs requirements")
HEAD = "# {}\n\nRead against {}; rewritten by `OPTGUIDE_UPDATE=1 pytest tests/facts`.\n"
RULES = {name: getattr(optimizers, name) for name in optimizers.__all__} | {"SAM": og.SAM, "Lookahead": og.Lookahead}
SURFACES = {name: getattr(surfaces, name) for name in surfaces.__all__}


def docstring(thing) -> list[str]:
    """Its paragraphs, without the section that is written from the signature."""
    text = (thing.__doc__ or "").split("\n\nParameters\n---")[0]
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]


def facts_of_rule(rule) -> list[str]:
    lines = [f"{rule.year}, {rule.family}, {rule.cite}", *docstring(rule)]
    lines += [f"repairs {name}: {fault}" for name, fault in rule.repairs.items()]
    if variant := getattr(rule, "variant_of", None):
        lines.append(f"variant of {variant}")
    made = rule if hasattr(rule, "rule") else rule(og.SGD)  # a wrapper
    lines += [f"{h.name} = {h.default}: {h.kind.meaning}; {h.range}" for h in made.rule.hyperparameters.values()]
    return lines + [f"`{step.code}` {step.comment}" for step in pseudocode(made).steps]


def facts_of_surface(f) -> list[str]:
    names = ("box", "starts", "minima", "parameters", "scale", "shift", "height", "shading", "levels")
    values = {name: getattr(f, name) for name in names} | {"minima": f.claimed_minima()}
    return [f.title, *docstring(f), *(f"{name}: {value}" for name, value in values.items() if value)]


def unwrapped(race) -> dict:
    return {name: unwrap(made, {}) for name, made in race.items()}


def facts_of_races() -> dict[str, list[str]]:
    """The settings that two sources give their rules."""
    races = {"Siarshai (2017)": study.SIARSHAI2017, "ImpactCrater (2024)": study.IMPACTCRATER2024}
    return {
        title: [f"{name}: {one.__name__} {settings}" for name, (one, settings) in unwrapped(race).items()]
        for title, race in races.items()
    }


def written(title: str, source: str, parts: dict[str, list[str]]) -> str:
    sections = ("\n".join([f"\n## {name}", *(f"- {line}" for line in lines)]) for name, lines in parts.items())
    return HEAD.format(title, source) + "\n".join(sections) + "\n"


def numbers_of_texts() -> dict[str, list[str]]:
    """What pages, documents and docstrings say in numbers, by file."""
    said = {path: prose_numbers.said_on_page(path) for path in ROOT.glob("gallery/*/plot_*.py")}
    texts = [path for pattern in ("*.md", "docs/*.md", "gallery/*/*.rst") for path in ROOT.glob(pattern)]
    said |= {p: prose_numbers.said_in_markdown(p.read_text("utf-8")) for p in texts if p.name != "CHANGELOG.md"}
    said |= {path: prose_numbers.said_in_docstrings(path.read_text("utf-8")) for path in ROOT.glob("optguide/**/*.py")}
    return {path.relative_to(ROOT).as_posix(): numbers for path, numbers in sorted(said.items()) if numbers}


def written_numbers() -> str:
    """As lines of text: a ? stands before what the code of a page does not have."""
    wrap = textwrap.TextWrapper(120, break_long_words=False, break_on_hyphens=False)
    said = {name: wrap.wrap("  ".join(numbers)) for name, numbers in numbers_of_texts().items()}
    return HEAD.format("Numbers in texts", "what they are numbers of") + "".join(
        "\n".join(["", f"## {name}", *lines, ""]) for name, lines in said.items()
    )


def written_claims() -> str:
    """Of each page what was read: its first words with the comments beside its code, and each proof with its code."""
    lines = []
    for path in sorted(ROOT.glob("gallery/*/plot_*.py")):
        source = path.read_text(encoding="utf-8")
        proofs = [cell[cell.index("# proof: ") :] for cell in re.split(r"(?m)^# %%", source) if "# proof: " in cell]
        notes = re.findall(r"(?m)^[^#\n]*[^#\s].*  (# .+)$", source)  # pseudocode of its own rules has them
        lead = "\n".join([source.split('"""')[1], *notes])
        first, *others = [zlib.crc32(" ".join(text.split()).encode()) for text in (lead, *proofs)]
        lines.append(f"{path.stem} {first:08x}: {' '.join(f'{proof:08x}' for proof in others)}\n")
    return HEAD.format("Claims of pages", "the code that proves them") + "\n" + "".join(lines)


RECORDS = {
    "claims.md": written_claims,
    "numbers.md": written_numbers,
    "rules.md": lambda: written("Facts of rules", "the papers", {n: facts_of_rule(r) for n, r in RULES.items()}),
    "surfaces.md": lambda: written(
        "Facts of landscapes and races", "the papers",
        {n: facts_of_surface(f) for n, f in SURFACES.items()} | facts_of_races(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_facts_are_the_ones_that_were_read(name):
    record, found = HERE / name, RECORDS[name]()
    if os.environ.get("OPTGUIDE_UPDATE"):
        record.write_text(found, encoding="utf-8")
    read = record.read_text(encoding="utf-8")
    changed = [line for line in found.splitlines() if line not in read.splitlines()]
    assert not changed and found == read, "compare what differs with its source, then renew the record"


#: Figures on pages that neither the run gives nor the code shows: results of papers, sections, arithmetic.
LOOSE = 440


def test_no_measurement_is_typed_on_a_page():
    """One that is comes in here: tie it to the run with the role ``:n:``, and lower the limit when one goes."""
    loose = [x for name, said in numbers_of_texts().items() if "/plot_" in name for x in said if x.startswith("?")]
    assert len(loose) == LOOSE


def test_numbers_are_read_where_a_text_states_them():
    text = (
        "In 2015 Adam2 took :n:`n:d` of 1,000 steps, ``x = 3``,\nthree times 7 %, :math:`a^2`, ``lr``: 8.3.2, -1.5.\n"
    )
    text += ".. oracles:: Adam\n\n.. math::\n\n   a =\n   5\n\nIn 2-D 1e-9."
    assert prose_numbers.said(text, frozenset({0.07, 1000.0})) == [
        "2015", ":n:`n:d`", "1,000", "``x = 3``", "three", "7 %", ":math:`a^2`", "?8.3.2", "?-1.5", ".. math:: a = 5",
        "?1e-9",
    ]  # fmt: skip
    assert prose_numbers.said_in_markdown("---\na: 1\n---\nTwo, $x^3$\n\n```sh\n4\n```\n5") == ["Two", "$x^3$", "5"]
    assert prose_numbers.said_in_docstrings('def f():\n    "Of 3."\n    x = 4\n') == ["3"]


REFERENCES = (ROOT / "docs" / "refs.bib").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", REFERENCES, re.MULTILINE | re.DOTALL))
#: Rules whose year is not that of what they cite, which is where the year stands.
EARLIER = {
    "AdamMini": "on arXiv in 2024",
    "NAdamW": "the decay is that of 2019; the look-ahead, which is cited, of 2016",
    "Newton": "Simpson's book of 1740, described in the article of 1995",
    "Prodigy": "on arXiv in 2023",
    "SOAP": "on arXiv in 2024",
}


def entry(key: str, what: str) -> str:
    return re.search(rf"^\s*{what} = \{{(.*)\}},$", ENTRIES[key], re.MULTILINE)[1]


#: Whose name the book writes in another way than its author does now.
SPELT = {"nemirovski1983": "nemirovski"}


def test_a_key_names_the_first_author_and_the_year():
    named = {key: (SPELT.get(key, last_names(entry(key, "author"))[0]), entry(key, "year")) for key in ENTRIES}
    keys = {key: re.fullmatch(r"([a-z]+)(\d+)b?", key).groups() for key in ENTRIES}  # b: the second of that year
    assert named == keys


@pytest.mark.parametrize("name", RULES)
def test_the_year_of_a_rule_is_that_of_its_source(name):
    rule = RULES[name]
    assert (rule.year != int(entry(rule.cite, "year"))) == (name in EARLIER)


def last_names(authors: str) -> list[str]:
    """Of a field of BibTeX, without accents, braces and case."""
    names = [one.split(",")[0] if "," in one else one.rsplit(" ", 1)[-1] for one in re.split(r"\s+and\s+", authors)]
    return [plain(re.sub(r"\\[a-zA-Z]?|[{}'\"^`~=]", "", name)) for name in names]


def plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", np.char.lower(name).item().translate(str.maketrans("éüöäåíóø", "euoaaioo")))


#: Authors and a year, as docstrings and comments of the package name a source; and those that it knows by others.
NAME = r"(?:St |De )?[A-Z][\w’-]+"
NAMED = re.compile(rf"\b({NAME}(?:(?:, | and ){NAME})*)( et al\.)? \(([12]\d{{3}})\)")
THROUGH = {
    "Bailey (1994)": "a method of drawing numbers, no optimizer",
    "Broyden, Fletcher, Goldfarb and Shanno (1970)": "four articles of one year; broyden1970 is the first",
    "OptimizerVisualizer (2024)": "the program of impactcrater2024",
    "Simpson (1740)": "by way of ypma1995",
}
PACKAGE = {path: " ".join(path.read_text(encoding="utf-8").split()) for path in ROOT.glob("optguide/**/*.py")}
SOURCED = {f"{path.stem}: {found[0]}": found for path, text in PACKAGE.items() for found in NAMED.finditer(text)}


@pytest.mark.parametrize("said", sorted(SOURCED))
def test_an_author_and_a_year_in_the_package_are_in_the_bibliography(said):
    people, others, year = SOURCED[said].groups()
    wanted = [plain(name) for name in re.split(", | and ", people)]
    known = [last_names(entry(key, "author")) for key in ENTRIES if entry(key, "year") == year]
    found = any(names[: len(wanted)] == wanted and (len(names) > len(wanted)) == bool(others) for names in known)
    assert found != (SOURCED[said][0] in THROUGH), known


def stationary(f) -> tuple[np.ndarray, np.ndarray]:
    """Points of the box at which the gradient vanishes, and the eigenvalues of the Hessian there."""
    height = lambda p: f.evaluate(*p.unbind())  # noqa: E731
    slope = torch.func.vmap(torch.func.grad(height))
    curvature = torch.func.vmap(torch.func.jacrev(torch.func.grad(height)))
    points = torch.as_tensor(f.grid(41)).reshape(-1, f.dim)
    for _ in range(20):
        points = points - torch.linalg.lstsq(curvature(points), slope(points)[..., None]).solution[..., 0]
        points = points.clamp(*torch.as_tensor(f.box).T * 1.5)
    low, high = torch.as_tensor(f.box).T
    good = ((points >= low) & (points <= high)).all(1) & (slope(points).abs() < 1e-7).all(1)
    points = torch.unique(points[good].mul(1e5).round(), dim=0) / 1e5
    return points.numpy() + 0.0, torch.linalg.eigvalsh(curvature(points)).numpy()


def minima(f) -> dict[tuple[float, ...], float]:
    """Its local minima in the box, and their heights, the lowest first."""
    points, bends = stationary(f)
    found = {tuple(point): f(*point) for point in points[(bends > 0).all(1)].round(3).tolist()}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def dips(f) -> int:
    """Points of a fine grid that lie lower than all around them."""
    z = f(*f.grid(301).transpose(2, 0, 1))
    shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    around = np.min([np.roll(z, shift, (0, 1)) for shift in shifts], axis=0)
    return int((z < around)[1:-1, 1:-1].sum())


def curvatures(f) -> np.ndarray:
    """Eigenvalues of the Hessian at its first minimum, or at the origin."""
    point = torch.tensor((f.claimed_minima() or [(0, 0)])[0], dtype=torch.float64)
    return torch.linalg.eigvalsh(torch.func.jacrev(torch.func.grad(lambda p: f.evaluate(*p.unbind())))(point)).numpy()


def test_landscapes_have_the_minima_that_their_docstrings_count():
    camel = minima(surfaces.six_hump_camel)
    assert len(camel) == 6 and sum(z < -1.0315 for z in camel.values()) == 2
    assert len(minima(surfaces.rastrigin)) == 11**2, "near every integer point"
    four = minima(surfaces.himmelblau)
    assert len(four) == 4 and (3, 2) in four and max(four.values()) < 1e-4
    points, bends = stationary(surfaces.himmelblau)
    assert points[(bends < 0).all(1)].round(3).tolist() == [[-0.271, -0.923]], "one hill"
    three = minima(surfaces.three_hump_camel)
    assert set(three) == {(0, 0), (1.748, -0.874), (-1.748, 0.874)} and list(three)[0] == (0, 0)
    assert [round(z) for z in minima(surfaces.goldstein_price).values()] == [3, 30, 84, 840]
    quarters = minima(surfaces.styblinski_tang)
    assert len({tuple(np.sign(point)) for point in quarters}) == len(quarters) == 4
    assert [round(z, 3) for z in quarters.values()][0] == -78.332 and list(quarters.values())[1] > -70
    assert round(surfaces.eggholder(512, 404.2318), 4) == -959.6407
    assert [tuple(np.round(point, 1)) for point in minima(surfaces.two_minima)] == [(0, 0), (-2.5, -2.5)]
    few, many = (dips(getattr(surfaces, name)) for name in ("swell", "choppy_swell"))
    assert many > 2 * few > 4, "many more local minima"


def test_landscapes_bend_as_their_docstrings_say():
    flat, steep = curvatures(surfaces.booth)
    assert steep / flat == pytest.approx(9)
    assert curvatures(surfaces.matyas)[0] < 0.1 * curvatures(surfaces.matyas)[1]
    for f in (surfaces.booth, surfaces.matyas):
        bend = torch.func.jacrev(torch.func.grad(lambda p, f=f: f.evaluate(*p.unbind())))(
            torch.zeros(2, dtype=torch.float64)
        )
        assert bend[0, 0] == pytest.approx(bend[1, 1].item()), "turned by 45 degrees"
    flat, steep = curvatures(surfaces.unit_bowl)
    assert steep / flat == pytest.approx(2)
    flat, steep = curvatures(surfaces.ravine)
    assert steep / flat == surfaces.ravine.parameters["condition"]
    assert not curvatures(surfaces.monkey_saddle).any() and np.prod(curvatures(surfaces.saddle)) < 0
    x, y = surfaces.sphere.sample(50).T
    np.testing.assert_array_equal(surfaces.simple_quadratic(x, y), surfaces.sphere(x, y))
    x, y = surfaces.goldstein_price.grid(201).T
    assert surfaces.goldstein_price(x, y).max() == pytest.approx(1e6, rel=0.05), "heights to a million"


def default(function, name: str):
    return inspect.signature(function).parameters[name].default


def sentences() -> list[tuple[str, str]]:
    """What documents say of settings, with the settings as the code has them."""
    contract = pytest.importorskip("contract", reason="needs the docs requirements")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    python = f"Python {project['requires-python'].removeprefix('>=')} or newer"
    hard = study.difficulty(surfaces.sphere, rules=[og.SGD], starts=1, steps=1).sweep.data.lr.values
    starts, steps = (default(study.difficulty, name) for name in ("starts", "steps"))
    rates = f"{len(hard)} learning rates from {hard[0]:.4f} to {hard[-1]:g}, {starts} random starts, {steps} steps"
    near = f"within {default(study.difficulty, 'tol'):g} of the lowest height at least once"
    betas = {name: getattr(og, name).hyperparameters["betas"] for name in ("AdamD", "AdaBeliefD", "AdaBC", "Lion")}
    assert len({betas[name] for name in ("AdamD", "AdaBeliefD", "AdaBC")}) == 1
    article = f"betas are {betas['AdamD']}, or {betas['Lion']} for Lion"
    corner = {surfaces.two_minima.box, surfaces.giant_plateau.box}.pop()[0]
    t = np.arange(1200)
    signal = {name: getattr(og.signals, name)(t) for name in ("spikes", "rectangles", "uneven_sawtooth", "saturation")}
    apart = {*np.diff(np.flatnonzero(signal["spikes"])).tolist()}
    runs = np.diff(np.flatnonzero(np.diff(signal["rectangles"])))
    on = np.flatnonzero(np.diff(signal["saturation"]))
    teeth = np.diff(np.flatnonzero(np.diff(signal["uneven_sawtooth"]) < 0))
    return [
        *((name, python) for name in ("README.md", "CONTRIBUTING.md", "docs/using.md", "docs/index.md")),
        ("docs/protocols.md", rates),
        ("docs/protocols.md", near),
        ("docs/protocols.md", f"{starts} starts are few"),
        ("docs/protocols.md", f"one start, {default(study.impactcrater2024, 'steps')} steps, and no tuning"),
        ("docs/protocols.md", f"learning rate is {default(study.impactcrater2024, 'lr')} for all"),
        ("docs/protocols.md", article),
        ("docs/protocols.md", f"[{corner[0]:g}, {corner[1]:g}]², {default(study.siarshai2017, 'steps')} steps"),
        ("docs/protocols.md", f"1 at every {min(apart)}th step, else 0"),
        ("docs/protocols.md", f"1 for {runs[0]} steps, then -1 for {runs[1]} steps"),
        ("docs/protocols.md", f"teeth of {teeth[0]} steps; those after t = 80 are a quarter as high"),
        ("docs/protocols.md", f"1 for {on[0] + 1} steps, then 0 for {on[1] - on[0]} steps"),
        ("CONTRIBUTING.md", f"At most {contract.LINES} lines of code"),
        ("CONTRIBUTING.md", f"at most {contract.PROOF_LINES} lines, and shows nothing else"),
    ]


def test_documents_name_the_settings_of_the_code():
    for name, sentence in sentences():
        assert sentence in " ".join((ROOT / name).read_text("utf-8").split()), name
    high = og.signals.uneven_sawtooth(np.arange(200))
    assert high[81:].max() == pytest.approx(high[:80].max() / 4, rel=0.1)
