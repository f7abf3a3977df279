"""The oldest versions that pyproject.toml allows the package, as constraints for pip."""

import re
import tomllib

with open("pyproject.toml", "rb") as file:
    for requirement in tomllib.load(file)["project"]["dependencies"]:
        name, version = re.fullmatch(r"([\w.-]+)(?:\[.*\])?>=([\d.]+)", requirement).groups()
        print(f"{name}=={version}")
