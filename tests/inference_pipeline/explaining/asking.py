"""Write requests for explanations."""

import json

JSON = "application/json"


def asked(texts, count=5, **more):
    return json.dumps({"instances": texts, "explain": count} | more)
