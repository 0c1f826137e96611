"""Convert request bodies to TensorFlow Serving's JSON, as the JavaScript in nginx does.

The conversion matches patterns and joins strings without parsing, so the model server is the one
that rejects malformed input.
"""

import re

_IS_REQUEST = re.compile(r'"(instances|inputs|examples)"\s*:')
_IS_LINES = re.compile(r"[}\]]\s*[\[{]")
_IS_LIST_OF_LISTS = re.compile(r"\s*\[\s*\[")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# What JavaScript's trim() removes: also a byte order mark.
WHITE_SPACE = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_OLD_NUMBERS = re.compile(r'\s*("|[0-9.Ee+\-]+.*)')


def from_json(body: str) -> str:
    """Wrap JSON or JSON lines in a request, unless the body already is one."""
    if _IS_REQUEST.search(body):
        return body
    if _IS_LINES.search(body):
        return _from_lines(body)
    if not _IS_LIST_OF_LISTS.match(body):
        body = f"[{body}]"
    return f'{{"instances":{body}}}'


def _from_lines(body: str) -> str:
    lines = _lines(body)
    if len(lines) == 1:
        return f'{{"instances":{lines[0]}}}'
    return f'{{"instances":[{",".join(line for line in lines if line)}]}}'


def from_csv(body: str, is_old: bool) -> str:
    """Convert each CSV line to an instance: a list, or a value if there is only one column."""
    rows = [_old_row(line, body) if is_old else _row(line) for line in _lines(body) if line]
    return f'{{"instances":[{",".join(rows)}]}}'


def _lines(body: str) -> list[str]:
    return [line.strip(WHITE_SPACE) for line in re.split(r"\r?\n", body.strip(WHITE_SPACE))]


def _row(line: str) -> str:
    fields = [_field(field) for field in _split(line)]
    return f"[{','.join(fields)}]" if len(fields) > 1 else fields[0]


def _field(text: str) -> str:
    if _NUMBER.fullmatch(text.strip(WHITE_SPACE)):
        return text.strip(WHITE_SPACE)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _split(line: str) -> list[str]:
    """Split at unquoted commas; two quotes inside a quoted field are one quote."""
    fields, current, quoted, position = [], "", False, 0
    while position < len(line):
        letter = line[position]
        if letter == '"' and quoted and line[position + 1 : position + 2] == '"':
            current += letter
            position += 1
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            fields.append(current)
            current = ""
        else:
            current += letter
        position += 1
    return [*fields, current]


def _old_row(line: str, body: str) -> str:
    """Quote a line if the body begins with text, escaping only its first quote and first comma."""
    has_columns = "," in line
    if not _OLD_NUMBERS.match(body):
        escaped = line.replace('"', '\\"', 1).replace(",", '","', 1)
        line = f'"{escaped}"'
    return f"[{line}]" if has_columns else line
