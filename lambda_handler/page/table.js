
// Tables: a CSV file is read in pieces, scored in batches, and never in memory as a whole

const TEXT_NAMES = /^(text|data|body|message|post|comment|content|title|description|review|sentence)s?$/i;
const QUOTED = /(^|[,;\t|\r\n])"[^"]*(?:""[^"]*)*("|$)/g; // fields, each with what is before it
const START = 1e6, BATCH_BYTES = 5e5, SHOWN_ROWS = 5, ATTEMPTS = 6; // START: bytes that are read at once
let table = null; // the file, its delimiter and its first rows
let stopping = false;

// Reads RFC 4180. `feed` returns the rows that a piece completes; a row with a fault has a `reason`.
class CsvReader {
  constructor(delimiter) {
    const mark = `\\u${hex(delimiter.charCodeAt(0), 4)}`;
    // A field, or what is between its quotes and after them; then the delimiter or line end.
    this.field = new RegExp(`(?:"([^"]*(?:""[^"]*)*)"(?!")|(?!"))([^${mark}\\r\\n]*)(${mark}|\\r\\n?|\\n)`, "y");
    Object.assign(this, { delimiter, rest: "", fields: [], line: 1, row: 0, reason: "" });
  }
  feed(piece, isLast = false) {
    const rows = [], text = this.rest + piece + (isLast ? "\n" : "");
    let from = 0;
    for (;;) {
      this.field.lastIndex = from;
      const found = this.field.exec(text), next = this.field.lastIndex;
      if (!found || (found[3] === "\r" && next === text.length)) break; // a line feed may follow
      const [whole, quoted, plain, end] = found;
      if (quoted !== undefined && plain) this.reason = "text follows a closing quote";
      this.fields.push((quoted ?? "").replaceAll('""', '"') + plain);
      this.line += whole.split(/\r\n?|\n/).length - 1;
      if (end !== this.delimiter) this.endRow(rows, quoted !== undefined && !plain);
      from = next;
    }
    this.rest = text.slice(from);
    if (this.rest[0] === '"' && (isLast || this.rest.length > MOST_BYTES)) {
      throw new Failure(`the quote that opens in line ${this.line.toLocaleString("en")} is never closed`);
    }
    return rows;
  }
  endRow(rows, isQuoted) {
    const { fields, reason } = this;
    this.row += 1;
    if (isQuoted || fields.length > 1 || fields[0].trim()) rows.push({ fields, row: this.row, reason }); // no blank line
    Object.assign(this, { fields: [], reason: "" });
  }
}

async function* piecesOf(file) {
  const decoder = new TextDecoder(table.encoding, { fatal: true }), reader = file.stream().getReader();
  for (let read = 0; ;) {
    const { done, value } = await reader.read();
    if (value) read += value.length;
    try { yield { text: decoder.decode(value, { stream: !done }), read, isLast: done }; } catch (error) {
      if (error instanceof TypeError) throw new Failure("the file is not UTF-8; save it as UTF-8");
      throw error;
    }
    if (done) return;
  }
}

const sizeOf = (bytes) => bytes < 1e3 ? count(bytes, "byte")
  : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

async function openTable(file) {
  const bytes = new Uint8Array(await file.slice(0, START).arrayBuffer());
  const start = decode(bytes, { stream: true }); // without half a character at its end
  const first = start.replace(QUOTED, "$1").split(/[\r\n]/, 1)[0], uses = (mark) => first.split(mark).length;
  const named = /^sep=(.)$/i.exec(first)?.[1]; // a line for Excel, which is not a row
  const delimiter = named ?? [",", ";", "\t", "|"].reduce((a, b) => (uses(b) > uses(a) ? b : a));
  const rows = new CsvReader(delimiter).feed(/[\r\n]$/.test(start) ? start : `${start}\n`).slice(named ? 1 : 0);
  if (!rows.length) throw new Failure("The file has no rows. Choose a CSV file with a column of texts.");
  const encoding = encodingOf(bytes), isMarked = [0xef, 0xbb, 0xbf].every((byte, at) => bytes[at] === byte);
  const bom = isMarked || encoding !== "utf-8" ? "\ufeff" : ""; // for spreadsheets; the result is UTF-8
  table = { file, delimiter, encoding, bom, first: rows[0].row, width: rows[0].fields.length };
  const names = rows[0].fields, isText = names.map((name) => TEXT_NAMES.test(name.trim()));
  const lengths = names.map((_, at) => rows.slice(1).reduce(
    (sum, row) => sum + (row.fields[at] ?? "").length, isText[at] ? START : 0));
  $("column").replaceChildren(...names.map((name, at) => {
    const option = element("option", `${at + 1}: ${name.slice(0, 40)}`);
    option.value = at;
    return option;
  }));
  $("column").value = lengths.indexOf(Math.max(...lengths));
  $("header").checked = isText.includes(true) || (names.length > 1 && names.every((name) => name && name.length < 40));
  $("table-name").textContent = file.name;
  $("table-size").textContent = sizeOf(file.size);
  $("progress").value = 0;
  for (const id of ["rows", "broken"]) $(id).replaceChildren();
  show("save", false);
  show("table-form", true);
  return $("table-form").querySelector(".main");
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function sendPatiently(texts) {
  for (let attempt = 1; ; attempt += 1) {
    try { return await send({ instances: texts }); } catch (error) {
      if (![429, 503].includes(error.status) || attempt === ATTEMPTS || stopping) throw error;
      $("rows").textContent = "The model is throttled. Trying again …";
      for (let left = 2 ** attempt; left && !stopping; left -= 1) await pause(500);
    }
  }
}

// Score rows. A row that the model refuses gets the reason, and the others are sent again.
async function scoreRows(rows) {
  if (!rows.length) return;
  try {
    const predictions = await sendPatiently(rows.map((row) => row.text));
    rows.forEach((row, at) => { row.prediction = predictions[at]; });
  } catch (error) {
    const refused = error.status === 400 ? rows[/\bitem (\d+)/.exec(error.message)?.[1] ?? (rows[1] ? -1 : 0)] : null;
    if (refused) {
      refused.reason = error.message;
      await scoreRows(rows.filter((row) => row !== refused));
    } else if ([400, 413, 504].includes(error.status) && rows.length > 1) {
      const half = rows.length >> 1;
      if (error.status === 504) model.most = half; // which is also what the next batch has
      await scoreRows(rows.slice(0, half));
      await scoreRows(rows.slice(half));
    } else if (error.status === 413) rows[0].reason = error.message;
    else throw error;
  }
}

const quoted = (field) => (/[",;\t|\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
const plain = (field) => (/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(field) ? `'${field}` : field); // spreadsheets would run a formula
const outputRow = (fields) => `${fields.map(quoted).join(table.delimiter)}\r\n`;

function takeRow(row, column) {
  const { fields } = row;
  if (fields.length !== table.width) row.reason ||= `${count(fields.length, "column")}, expected ${table.width}`;
  row.text = fields[column] ?? "";
  if (!row.text.trim()) row.reason ||= "the text is empty";
  return row;
}

function noteBroken(row, broken) {
  if (broken < SHOWN_ROWS) $("broken").append(element("li", `Row ${row.row.toLocaleString("en")} was skipped: ${row.reason}`));
  else if (broken === SHOWN_ROWS) $("broken").append(element("li", "Further rows are in the column error of the result."));
}

async function scoreTable() {
  const column = Number($("column").value), reader = new CsvReader(table.delimiter);
  const state = { scored: 0, broken: 0, parts: [table.bom], batch: [], bytes: 0 };
  const flush = async () => {
    await scoreRows(state.batch.filter((row) => !row.reason));
    const lines = state.batch.map((row) => {
      if (row.reason) noteBroken(row, state.broken);
      state[row.reason ? "broken" : "scored"] += 1;
      const { label = "", probability = "" } = row.prediction ?? {};
      return outputRow([...row.fields, plain(label), String(probability), plain(row.reason)]);
    });
    state.parts.push(new Blob(lines));
    Object.assign(state, { batch: [], bytes: 0 });
  };
  let isHeader = $("header").checked;
  try {
    for await (const { text, read, isLast } of piecesOf(table.file)) {
      for (const row of reader.feed(text, isLast)) {
        if (row.row < table.first) continue;
        if (isHeader) {
          state.parts.push(outputRow([...row.fields, "label", "probability", "error"]));
          isHeader = false;
          continue;
        }
        state.batch.push(takeRow(row, column));
        state.bytes += row.text.length;
        if (state.batch.length < model.most && state.bytes < BATCH_BYTES) continue;
        await flush();
        if (stopping) return state;
        $("progress").value = read / table.file.size;
        $("rows").textContent = `${count(state.scored, "row")} scored`;
      }
    }
    await flush();
    $("progress").value = 1;
  } catch (error) {
    complain(new Failure(`Scoring stopped after ${count(state.scored + state.broken, "row")}: ${error.message}`));
  }
  return state;
}

async function runTable() {
  complain();
  stopping = false;
  show("stop", true);
  show("save", false);
  $("broken").replaceChildren();
  $("stop").focus();
  announce("Scoring the file");
  const { scored, broken, parts } = await scoreTable();
  show("stop", false);
  if (!scored && !broken && !stopping && $("message").hidden) {
    $("rows").textContent = "";
    complain(new Failure("The file has no rows to score: its only row has the column names."));
    return null;
  }
  $("rows").textContent = `${count(scored, "row")} scored${broken ? `, ${count(broken, "row")} skipped` : ""}`;
  announce($("rows").textContent);
  $("save").download = table.file.name.replace(/(\.[^.]*)?$/, `-scored.${table.delimiter === "\t" ? "tsv" : "csv"}`);
  offer("save", parts, "text/csv");
  return $("save");
}
