/** One row element as a record (docs/decisions/0031), by the XML parser. */
import { SaxesParser } from "saxes";
import type { Hazard } from "../../shapes/ledger.js";
import { fieldPath } from "../../shapes/path-text.js";
import type { SourceStruct, SourceValue } from "../../shapes/records/record-reader.js";
import { typedText } from "../text-type.js";

export type RowOptions = {
  readonly attributePrefix: string;
  readonly valueTag: string;
  readonly excludeAttribute: boolean;
  readonly treatEmptyValuesAsNulls: boolean;
  readonly ignoreSurroundingSpaces: boolean;
};

export type FoundHazard = { readonly hazard: Hazard; readonly offset: number; readonly path: string };
export type ParsedRow =
  | { readonly kind: "record"; readonly value: SourceStruct; readonly hazards: readonly FoundHazard[] }
  /** `at`: bytes from the start of the row. */
  | { readonly kind: "fault"; readonly code: "INVALID_XML" | "TOO_DEEP"; readonly reason: string; readonly at: number };

/** Elements in each other, the row included; as for JSON. */
export const MAX_DEPTH = 500;

/** Declarations of namespaces are no data. */
export const isData = (attribute: string, { excludeAttribute }: RowOptions): boolean =>
  !excludeAttribute && attribute !== "xmlns" && !attribute.startsWith("xmlns:");

type Element = {
  readonly name: string;
  readonly at: number;
  /** Attributes and child elements; undefined when there are none so far. */
  fields: Map<string, SourceValue> | undefined;
  text: string;
  textAt: number;
};

class RowFault extends Error {
  constructor(
    readonly code: "INVALID_XML" | "TOO_DEEP",
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads rows one after the other. External and declared entities are not known to it: only the five of XML and numbers
 * are.
 */
export class RowParser {
  private parser: SaxesParser<{ readonly xmlns: false }> | undefined;
  private open: Element[] = [];
  private root: SourceStruct = { tag: "struct", fields: new Map() };
  private hazards: FoundHazard[] = [];
  private places = new BytePlaces("", 0, 0);
  private text = "";

  constructor(private readonly options: RowOptions) {}

  /** `text` is what the row's `length` bytes at `offset` say. */
  parse(text: string, length: number, offset: number): ParsedRow {
    this.open = [];
    this.hazards = [];
    this.text = text;
    this.places = new BytePlaces(text, length, offset);
    const parser = (this.parser ??= this.createParser());
    try {
      parser.write(text).close();
      return { kind: "record", value: this.root, hazards: this.hazards };
    } catch (error) {
      this.parser = undefined; // in the middle of a document
      if (!(error instanceof RowFault)) throw error;
      return {
        kind: "fault",
        code: error.code,
        reason: error.message,
        at: Math.min(length, this.places.byteAt(Math.max(0, parser.position - 1)) - offset),
      };
    }
  }

  private createParser(): SaxesParser<{ readonly xmlns: false }> {
    const parser = new SaxesParser({ xmlns: false });
    parser.on("opentagstart", ({ name }) => this.opened(name, parser.position - name.length - 2));
    parser.on("attribute", ({ name, value }) =>
      this.attribute(
        name,
        value,
        Math.max(0, this.text.lastIndexOf(name, Math.max(0, parser.position - value.length - name.length - 2))),
      ),
    );
    parser.on("opentag", () => this.content(parser.position));
    parser.on("text", (text) => this.characters(text));
    parser.on("cdata", (text) => this.characters(text));
    parser.on("closetag", () => this.closed());
    parser.on("error", (error) => {
      throw new RowFault("INVALID_XML", sentence(error.message));
    });
    return parser;
  }

  private opened(name: string, position: number): void {
    if (this.open.length === MAX_DEPTH)
      throw new RowFault("TOO_DEEP", `expected at most ${MAX_DEPTH} elements in each other`);
    const at = this.places.byteAt(position);
    this.open.push({ name, at, fields: undefined, text: "", textAt: at });
  }

  private content(position: number): void {
    const element = this.open.at(-1);
    if (element) element.textAt = this.places.byteAt(position);
  }

  private attribute(name: string, value: string, position: number): void {
    const element = this.open.at(-1);
    if (element === undefined || !isData(name, this.options)) return;
    const field = this.options.attributePrefix + name;
    addField((element.fields ??= new Map()), field, this.scalar(value, this.places.byteAt(position), field));
  }

  private characters(text: string): void {
    const element = this.open.at(-1);
    if (element) element.text += text;
  }

  private closed(): void {
    const element = this.open.pop();
    if (element === undefined) return;
    const parent = this.open.at(-1);
    if (parent === undefined) this.root = this.structOf(element);
    else addField((parent.fields ??= new Map()), element.name, this.valueOf(element));
  }

  /** Without attributes and elements an element is its text, and null when it has none. */
  private valueOf(element: Element): SourceValue {
    if (element.fields) return this.structOf(element);
    if (element.text === "") return { tag: "null", value: null, at: element.at };
    return this.scalar(element.text, element.at, element.name);
  }

  /** Text beside attributes and elements is `valueTag`; white space there is layout. */
  private structOf(element: Element): SourceStruct {
    const fields = element.fields ?? new Map<string, SourceValue>();
    if (!isBlank(element.text))
      addField(
        fields,
        this.options.valueTag,
        this.scalar(element.text, element.textAt, this.options.valueTag, element.name),
      );
    return { tag: "struct", fields, at: element.at };
  }

  private scalar(text: string, at: number, ...names: readonly string[]): SourceValue {
    const { treatEmptyValuesAsNulls, ignoreSurroundingSpaces } = this.options;
    if (treatEmptyValuesAsNulls && isBlank(text)) return { tag: "null", value: null, at };
    const { value, hazard } = typedText(
      ignoreSurroundingSpaces ? text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "") : text,
      at,
    );
    if (hazard)
      this.hazards.push({
        hazard,
        offset: at,
        path: [...this.open.slice(1).map(({ name }) => name), ...[...names].reverse()].reduce(fieldPath, ""),
      });
    return value;
  }
}

/** The second value of a name makes a list of both. */
function addField(fields: Map<string, SourceValue>, name: string, value: SourceValue): void {
  const held = fields.get(name);
  if (held === undefined) fields.set(name, value);
  // no other lists are in XML, and this one is ours still
  else if (held.tag === "array") (held.elements as SourceValue[]).push(value);
  else fields.set(name, { tag: "array", elements: [held, value], ...(held.at === undefined ? {} : { at: held.at }) });
}

const isBlank = (text: string): boolean => !/[^ \t\r\n]/.test(text);

/** saxes says `line:column: what`, where lines count from the row's start. */
const sentence = (message: string): string => message.replace(/^\d+:\d+: /, "").replace(/\.$/, "");

/** Byte offsets of characters, asked for in about their order. */
class BytePlaces {
  private character = 0;
  private byte: number;
  private readonly plain: boolean;

  constructor(
    private readonly text: string,
    length: number,
    private readonly offset: number,
  ) {
    this.byte = offset;
    this.plain = text.length === length;
  }

  byteAt(character: number): number {
    if (this.plain) return this.offset + character;
    const [from, to] = character < this.character ? [character, this.character] : [this.character, character];
    const bytes = Buffer.byteLength(this.text.slice(from, to));
    this.byte += character < this.character ? -bytes : bytes;
    this.character = character;
    return this.byte;
  }
}
