"""Condenses the MediaConvert service model into src/schema/model.json.

The model is the one that the AWS SDKs are generated from (Apache-2.0); any botocore carries it:

    pip install botocore && python3 tools/make_schema.py

Only what a server checks is kept: member names, types, enum values and ranges. Patterns are not.
"""

import json
import pathlib

import botocore.loaders

ROOTS = [
    "CreateJobRequest",
    "ProbeRequest",
    "CreateQueueRequest",
    "UpdateQueueRequest",
    "CreateJobTemplateRequest",
    "UpdateJobTemplateRequest",
    "CreatePresetRequest",
    "UpdatePresetRequest",
    "TagResourceRequest",
    "UntagResourceRequest",
    "PutPolicyRequest",
    "AssociateCertificateRequest",
    "CreateResourceShareRequest",
    "StartJobsQueryRequest",
]

model = botocore.loaders.Loader().load_service_model("mediaconvert", "service-2")
shapes = model["shapes"]
kept = {}


def keep(name):
    if name in kept:
        return
    shape = shapes[name]
    kind = shape["type"]
    entry = kept[name] = {"type": kind}
    for limit in ("min", "max"):
        if limit in shape and kind in ("integer", "long", "double", "string", "list"):
            entry[limit] = shape[limit]
    if "enum" in shape:
        entry["enum"] = sorted(shape["enum"])
    if kind == "structure":
        members = shape["members"]
        wire = {name: member.get("locationName", name) for name, member in members.items()}
        entry["members"] = {wire[n]: m["shape"] for n, m in sorted(members.items())}
        if shape.get("required"):
            entry["required"] = sorted(wire[n] for n in shape["required"])
        for member in members.values():
            keep(member["shape"])
    elif kind == "list":
        entry["member"] = shape["member"]["shape"]
        keep(entry["member"])
    elif kind == "map":
        entry["value"] = shape["value"]["shape"]
        keep(entry["value"])


for root in ROOTS:
    keep(root)

target = pathlib.Path(__file__).parent.parent / "src" / "schema" / "model.json"
target.parent.mkdir(exist_ok=True)
lines = [f"  {json.dumps(n)}: {json.dumps(kept[n], sort_keys=True)}" for n in sorted(kept)]
target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
