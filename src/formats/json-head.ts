/**
 * Whether a text begins like JSON records: an object or array whose beginning is valid, or some line that is an object.
 */

/**
 * Lines of a head looked at when its beginning is broken; bad records are for the scan to report, not for a wrong
 * format.
 */
const LINES_TRIED = 200;

export function looksLikeJson(text: string): boolean {
  const start = text.replace(/^\uFEFF/, "").trimStart();
  if (start.startsWith("{") || start.startsWith("[")) {
    if (isJsonPrefix(start)) return true;
  }
  return start.split("\n", LINES_TRIED).some((line) => line.trimStart().startsWith("{") && isObject(line));
}

function isObject(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

type State = "value" | "key" | "colon" | "comma" | "value-or-end" | "key-or-end";

const TOKEN =
  /[ \t\r\n]*(?:([{}[\]:,])|("(?:[^"\\\u0000-\u001f]|\\(?:.|$))*(?:"|$))|(-[\d.eE+-]*|\d[\d.eE+-]*|[a-zA-Z]+)|$)/y;

/**
 * True if the first value is complete and valid, or valid as far as the text goes. Not recursive: depth cannot hurt.
 */
export function isJsonPrefix(text: string): boolean {
  const token = new RegExp(TOKEN);
  const open: string[] = [];
  let state: State = "value";
  for (;;) {
    const match = token.exec(text);
    if (match === null) return false;
    const [, mark, string, scalar] = match;
    // the end, and nothing wrong so far
    if (mark === undefined && string === undefined && scalar === undefined) return true;
    const atEnd = token.lastIndex >= text.length;
    const next = step(state, open, mark, string !== undefined, scalar, atEnd);
    if (next === "invalid") return false;
    if (next === "done") return true;
    state = next;
  }
}

function step(
  state: State,
  open: string[],
  mark: string | undefined,
  isString: boolean,
  scalar: string | undefined,
  atEnd: boolean,
): State | "done" | "invalid" {
  if (state === "key" || state === "key-or-end") {
    if (isString) return "colon";
    return state === "key-or-end" && mark === "}" ? close(open, "{") : "invalid";
  }
  if (state === "colon") return mark === ":" ? "value" : "invalid";
  if (state === "comma") {
    if (mark === ",") return open[open.length - 1] === "{" ? "key" : "value";
    return mark === "}" ? close(open, "{") : mark === "]" ? close(open, "[") : "invalid";
  }
  if (mark === "{") {
    open.push("{");
    return "key-or-end";
  }
  if (mark === "[") {
    open.push("[");
    return "value-or-end";
  }
  if (mark === "]" && state === "value-or-end") return close(open, "[");
  if (isString || (scalar !== undefined && isScalar(scalar, atEnd))) return open.length === 0 ? "done" : "comma";
  return "invalid";
}

function close(open: string[], expected: string): State | "done" | "invalid" {
  if (open.pop() !== expected) return "invalid";
  return open.length === 0 ? "done" : "comma";
}

function isScalar(text: string, atEnd: boolean): boolean {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return true;
  if (["true", "false", "null"].includes(text)) return true;
  return atEnd && (/^-?(\d[\d.eE+-]*)?$/.test(text) || ["true", "false", "null"].some((word) => word.startsWith(text)));
}
