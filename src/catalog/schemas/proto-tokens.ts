/** The words of a .proto file (Protocol Buffers, "Language Specification": lexical elements). */

export type ProtoToken = {
  readonly kind: "name" | "integer" | "float" | "text" | "sign" | "end";
  readonly text: string;
  readonly line: number;
};

const BLANK = /(?:\s+|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
const TOKEN =
  /([A-Za-z_]\w*)|(0[xX][0-9a-fA-F]+|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)|("(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|([=;{}()[\]<>,.:+\-/])/y;
const INTEGER = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/;

/** The words, an end mark after them; what cannot be read as a text that says so. */
export function protoTokens(source: string): readonly ProtoToken[] | string {
  const tokens: ProtoToken[] = [];
  let line = 1;
  for (let at = 0; ;) {
    BLANK.lastIndex = at;
    BLANK.test(source);
    line += breaksIn(source, at, BLANK.lastIndex);
    at = BLANK.lastIndex;
    if (at === source.length) return [...tokens, { kind: "end", text: "the end", line }];
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(source);
    if (found === null) return `line ${line}: it cannot be read at ${source.slice(at, at + 20)}`;
    const [text] = found;
    tokens.push({ kind: kindOf(found, text), text, line });
    at += text.length;
  }
}

function kindOf([, name, number, text]: RegExpExecArray, found: string): ProtoToken["kind"] {
  if (name !== undefined) return "name";
  if (number !== undefined) return INTEGER.test(found) ? "integer" : "float";
  return text === undefined ? "sign" : "text";
}

function breaksIn(source: string, from: number, to: number): number {
  let count = 0;
  for (let at = source.indexOf("\n", from); at >= 0 && at < to; at = source.indexOf("\n", at + 1)) count += 1;
  return count;
}
