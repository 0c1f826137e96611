"use strict";
// The playground serves this page for every model of an environment, and an HTTP API for its own.
// Everything that a server or a file says becomes text: no string is ever read as HTML.
const $ = (id) => document.getElementById(id);
const isApi = document.documentElement.dataset.mode === "api";
const base = location.pathname.replace(/\/?$/, "/");
const WORDS = 8, BARS = 10, MOST_BYTES = 4e6, SHOWN_REQUEST = 20000, SIDE = 28;
const MOST_REQUEST = 6e6, MOST_IMAGE = 1e8; // bytes; a server that refuses more may not be heard
const CHOICES = "#model, #reload, .main, .open, #column, #header, #close";
let models = [], model = null, chosen = null; // the last model, also while the list cannot be read
let prediction = null, showsAll = false, isBusy = false;

class Failure extends Error {
  constructor(message, status = 0) { super(message); this.status = status; }
}
const TROUBLE = {
  404: "The model was deleted. Reload the list of models.",
  429: "The model is throttled: it takes no more requests right now. Wait a few seconds and try again.",
  503: "The model is not available right now. Wait a few seconds and try again.",
  504: "The model took too long to answer. Try again, or send a shorter text.",
};
const SILENT = isApi ? "The API does not answer. Check the connection and try again."
  : "The playground does not answer. Is its command still running?";

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}
function show(id, visible) { $(id).hidden = !visible; }
function complain(error) {
  $("message").textContent = error ? error.message : "";
  show("message", error);
}
function announce(text) { $("status").textContent = text; }
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

async function call(path, options) {
  let response, content;
  try {
    response = await fetch(base + path, options);
    content = await response.text();
  } catch { throw new Failure(SILENT); }
  try { content = JSON.parse(content); } catch { content = null; }
  if (response.ok && content && !content.error) return content;
  throw new Failure(content?.error?.message || TROUBLE[response.status]
    || (response.ok ? "The response is not JSON. Look at the log of the model."
      : `The request failed with status ${response.status}. Try again.`), response.status);
}

// What runs keeps its model and its file to the end: nothing else can be chosen or started meanwhile.
// Then the focus goes to the element that `work` returns, or back to where it was.
async function alone(work) {
  if (isBusy) return;
  isBusy = true;
  const before = document.activeElement, choices = document.querySelectorAll(CHOICES);
  choices.forEach((one) => { one.disabled = true; });
  let next;
  try { next = await work(); } finally {
    choices.forEach((one) => { one.disabled = false; });
    isBusy = false;
  }
  if (next) next.focus();
  else if (document.activeElement === document.body) before.focus({ preventScroll: true });
}

// Models

async function loadModels() {
  complain();
  try {
    if (isApi) {
      const about = (await call("health")).model;
      models = [{ name: about.recipe, inputs: "texts", most: 100, status: "InService",
        about: count(about.label_names.length, "label") }];
    } else {
      const found = await call("models");
      models = found.models;
      $("where").textContent = found.where;
      if (!models.length) throw new Failure(found.hint);
    }
  } catch (error) { models = []; complain(error); }
  const at = models.findIndex((one) => one.id === chosen?.id);
  if (chosen && models.length && at < 0) {
    complain(new Failure(`The model ${chosen.name} (${chosen.target}) was deleted. ${models[0].name} is selected instead.`));
  }
  $("model").replaceChildren(...models.map((one, index) => {
    const notes = [one.place, one.status].filter((note) => note && note !== "InService");
    const option = element("option", one.name + (notes.length ? ` (${notes.join(", ")})` : ""));
    option.value = index;
    return option;
  }));
  $("model").value = Math.max(0, at);
  choose();
}
function choose() {
  const next = models[$("model").value] ?? null;
  if (model?.id !== next?.id) for (const id of ["result", "request", "table-form"]) show(id, false);
  if (model?.own !== next?.own || model?.fit !== next?.fit) exact = null;
  model = next;
  chosen = next ?? chosen;
  $("about").textContent = model?.about ?? "";
  show("text-form", model?.inputs === "texts");
  show("image-form", model?.inputs === "images");
  show("empty", $("result").hidden);
}

// Predictions

async function send(body) {
  const content = JSON.stringify(body);
  checkSize("request", new Blob([content]).size, MOST_REQUEST);
  const { predictions } = await call(isApi ? "predict" : `predict?model=${encodeURIComponent(model.id)}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: content,
  });
  if (predictions?.length === body.instances.length) return predictions;
  throw new Failure("The response does not have a prediction for each input. Look at the log of the model.");
}
function checkSize(what, bytes, most = MOST_BYTES) {
  if (bytes <= most) return;
  throw new Failure(`The ${what} has ${count(bytes, "byte")}; this page sends at most ${most.toLocaleString("en")}.`, 413);
}

async function predict(instance) {
  complain();
  let body = { instances: [instance] };
  if (model.inputs === "texts" && model.explains !== false) body.explain = WORDS;
  announce("Waiting for the prediction");
  let started = performance.now(), isLong = false, predictions;
  try {
    try { predictions = await send(body); } catch (error) {
      // The text takes too long to explain, or the model was deployed before there were explanations.
      const isRefused = [400, 413].includes(error.status) && /\bexplain\b/.test(error.message);
      if (!body.explain || !(isRefused || error.status === 504)) throw error;
      if (/\bthe keys\b/.test(error.message)) model.explains = false;
      else isLong = true;
      body = { instances: [instance] };
      started = performance.now();
      predictions = await send(body);
    }
    show("unexplained", isLong);
    showPrediction(predictions[0], instance, performance.now() - started);
    showRequest(body);
  } catch (error) {
    fail(error instanceof Failure ? error : new Failure("The response is not a prediction."));
  }
}
// Show an error instead of the prediction before it.
function fail(error) {
  for (const id of ["result", "request"]) show(id, false);
  show("empty", true);
  announce("");
  complain(error);
}

const percent = (share) => `${(100 * share).toFixed(1)}%`;

function showPrediction(one, text, milliseconds) {
  prediction = one;
  showsAll = false;
  $("label").firstChild.textContent = one.label;
  let facts = `${percent(one.probability)} · ${Math.round(milliseconds)} ms`;
  if (typeof text === "string" && text.split("\n").length < model.lines)
    facts += ` · nothing is left of this text without its first ${model.lines - 1} lines`;
  $("facts").textContent = facts;
  showBars();
  show("empty", false);
  show("result", true);
  show("words", one.explanation);
  if (one.explanation) showWords(one.explanation, text);
  announce(`${one.label}, ${facts}`);
}

function showBars() {
  const entries = Object.entries(prediction.probabilities).sort((a, b) => b[1] - a[1]);
  $("bars").replaceChildren(...entries.slice(0, showsAll ? undefined : BARS).map(([name, share]) => {
    const item = element("li"), track = element("div", "", "track");
    track.append(element("span"));
    track.firstChild.style.width = percent(share);
    item.append(element("bdi", name), element("span", percent(share), "value"), track);
    return item;
  }));
  show("all", entries.length > BARS);
  $("all").textContent = showsAll ? `Show the first ${BARS}` : `Show all ${entries.length} labels`;
}

// Offsets count code points, and strings count UTF-16 units. A long text without words is shortened.
function showWords(explanation, text) {
  const words = explanation.words.filter((one) => one.contribution);
  const places = [...words].sort((a, b) => a.start - b.start);
  const pieces = [];
  let unit = 0, point = 0, from = 0;
  const reach = (target) => {
    while (point < target && unit < text.length) { unit += text.codePointAt(unit) > 0xffff ? 2 : 1; point += 1; }
    return unit;
  };
  for (const word of places) {
    if (word.start < point) continue; // it overlaps the word before
    pieces.push(shortened(text.slice(from, reach(word.start))));
    const start = unit;
    from = reach(word.end);
    pieces.push(element("mark", text.slice(start, from), word.contribution < 0 ? "against" : ""));
  }
  pieces.push(shortened(text.slice(from)));
  $("marked").replaceChildren(...pieces);
  $("contributions").replaceChildren(...words.map((word) => {
    const item = element("li"), sign = word.contribution < 0 ? "−" : "+";
    item.append(element("bdi", word.text));
    item.append(element("span", sign + Math.abs(word.contribution).toPrecision(2)));
    return item;
  }));
  if (!places.length) $("contributions").append(element("li", "No single word mattered."));
}
const shortened = (text) => text.replace(/^([^]{500})[^]{200,}([^]{500})$/u, "$1 […] $2");

// The request as programs. Invisible and control characters are escaped, so that a program is what
// it looks like.

const hex = (code, digits) => code.toString(16).padStart(digits, "0");
function literal(value, python) {
  return JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (found) => python
    ? `\\U${hex(found.codePointAt(0), 8)}`
    : [...Array(found.length).keys()].map((at) => `\\u${hex(found.charCodeAt(at), 4)}`).join(""));
}
const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function showRequest(body) {
  const isLong = literal(body).length > SHOWN_REQUEST;
  const data = isLong ? "@request.json" : literal(body);
  const url = isApi ? `${location.origin}${base}predict` : model.url;
  const service = model.kind === "endpoint" ? "sagemaker" : model.auth === "iam" ? "execute-api" : "";
  const keys = model.local ? "local:local" : '"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"';
  const token = model.local ? "" : ' \\\n  --header "X-Amz-Security-Token: $AWS_SESSION_TOKEN"';
  $("curl").textContent = `curl ${shell(url)}`
    + (service ? ` \\\n  --aws-sigv4 aws:amz:${model.region}:${service} \\\n  --user ${keys}${token}` : "")
    + (model.auth === "jwt" ? ' \\\n  --header "Authorization: Bearer $NEWSGROUP_CLASSIFIER_TOKEN"' : "")
    + ` \\\n  --header 'Content-Type: application/json' \\\n  ${isLong ? "--data-binary" : "--data-raw"} ${shell(data)}`;
  const value = isLong ? 'json.load(open("request.json", encoding="utf-8"))' : literal(body, true);
  $("python").textContent = python(value, url);
  show("body", isLong);
  if (isLong) offer("body", [literal(body)], "application/json");
  show("request", true);
}
function python(value, url) {
  if (isApi) {
    return `import json\nimport urllib.request\n\nbody = ${value}\nrequest = urllib.request.Request(\n`
      + `    ${literal(url, true)},\n    data=json.dumps(body).encode(),\n`
      + '    headers={"Content-Type": "application/json"},\n)\nprint(urllib.request.urlopen(request).read().decode())\n';
  }
  const isEndpoint = model.kind === "endpoint";
  const service = isEndpoint ? "sagemaker-runtime" : "lambda";
  const local = model.local ? `,\n    endpoint_url=${literal(model.local, true)},\n`
    + '    aws_access_key_id="local",\n    aws_secret_access_key="local",\n' : "\n";
  return `import json\n\nimport boto3\n\nbody = ${value}\nclient = boto3.client(\n    "${service}",\n`
    + `    region_name=${literal(model.region, true)}${local})\n`
    + (isEndpoint ? `response = client.invoke_endpoint(\n    EndpointName=${literal(model.target, true)},\n`
      + '    ContentType="application/json",\n    Body=json.dumps(body),\n)\nprint(response["Body"].read().decode())\n'
      : `response = client.invoke(\n    FunctionName=${literal(model.target, true)},\n`
      + '    Payload=json.dumps(body),\n)\nprint(response["Payload"].read().decode())\n');
}
function offer(id, parts, type) {
  if ($(id).href) URL.revokeObjectURL($(id).href);
  $(id).href = URL.createObjectURL(new Blob(parts, { type }));
  show(id, true);
}
