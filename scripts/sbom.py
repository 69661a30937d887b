#!/usr/bin/env python3
"""Prints the components of the library as a CycloneDX 1.5 document: sbom.py > FILE

Uses Cargo's resolution for this system, without a network. The same sources give the same bytes: the time is
SOURCE_DATE_EPOCH, or absent if that is not set.
"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARY = "libupscope"


def tree():
    """Yields each crate as (depth, name, version, proc_macro, licence, repository), parents before their dependencies."""
    listing = subprocess.run(
        ["cargo", "tree", "--locked", "--offline", "-p", LIBRARY, "-e", "normal", "--no-dedupe", "--prefix", "depth",
         "--format", "|{p}|{l}|{r}"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        depth, package, licence, repository = line.split("|")
        name, version = package.split()[:2]
        yield int(depth), name, version.removeprefix("v"), "(proc-macro)" in package, licence, repository


def checksums():
    """Returns the SHA-256 of each published crate by name and version; None for crates of the workspace."""
    found = {}
    for block in (ROOT / "Cargo.lock").read_text(encoding="utf-8").split("[[package]]")[1:]:
        keys = dict(re.findall(r'^(name|version|source|checksum) = "(.*)"$', block, re.M))
        found[keys["name"], keys["version"]] = keys.get("checksum", "") if "source" in keys else None
    return found


def component(name, version, build_only, licence, repository, checksum):
    reference = f"pkg:cargo/{name}@{version}"
    part = {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference,
            "scope": "excluded" if build_only else "required",
            "licenses": [{"expression": licence.replace("/", " OR ")}]}
    if checksum:
        part["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    if repository:
        part["externalReferences"] = [{"type": "vcs", "url": repository}]
    return part


def document(lock):
    parts, needs, path, below_macro = {}, {}, [], {}
    for depth, name, version, macro, licence, repository in tree():
        reference = f"pkg:cargo/{name}@{version}"
        del path[depth:]
        # Dependencies of procedural macros run in the compiler and are not shipped.
        build_only = macro or bool(path and path[-1][1])
        below_macro[reference] = below_macro.get(reference, True) and build_only
        parts[reference] = component(name, version, below_macro[reference], licence, repository,
                                     lock.get((name, version)))
        needs.setdefault(reference, set())
        if path:
            needs[path[-1][0]].add(reference)
        path.append((reference, build_only))
    main = next(reference for reference, part in parts.items() if part["name"] == LIBRARY)
    subject = {key: value for key, value in parts.pop(main).items() if key != "scope"}
    metadata = {"component": subject}
    if os.environ.get("SOURCE_DATE_EPOCH"):
        moment = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
        metadata["timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    everything = [{"ref": ref, "dependsOn": sorted(needs[ref])} for ref in sorted(needs)]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": metadata,
           "components": [parts[reference] for reference in sorted(parts)], "dependencies": everything}
    bom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bom, sort_keys=True))}"
    return bom


def problems(bom, lock):
    """Yields what is wrong with the document."""
    parts = bom["components"] + [bom["metadata"]["component"]]
    references = [part["bom-ref"] for part in parts]
    if len(parts) < 20:
        yield f"only {len(parts)} components"
    if len(set(references)) != len(references):
        yield "a reference occurs twice"
    for part in parts:
        if not all(part.get(key) for key in ("type", "name", "version", "purl", "licenses")):
            yield f"{part['bom-ref']} is incomplete"
        if not part["licenses"][0]["expression"]:
            yield f"{part['bom-ref']} has no licence"
        digest = part.get("hashes", [{}])[0].get("content", "")
        is_ours = lock.get((part["name"], part["version"]), "") is None
        if not is_ours and not re.fullmatch("[0-9a-f]{64}", digest):
            yield f"{part['bom-ref']} has no checksum"
    for entry in bom["dependencies"]:
        for reference in [entry["ref"], *entry["dependsOn"]]:
            if reference not in references:
                yield f"{reference} is a dependency, but not a component"
    if {entry["ref"] for entry in bom["dependencies"]} != set(references):
        yield "the dependencies of a component are missing"


def main():
    lock = checksums()
    bom = document(lock)
    wrong = list(problems(bom, lock))
    if wrong:
        sys.exit("sbom.py: " + "; ".join(wrong))
    json.dump(bom, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
