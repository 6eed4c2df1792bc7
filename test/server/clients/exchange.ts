/** What a client sent and was answered, without what differs from run to run. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export type Exchange = {
  /** The first of its products, such as "Boto3/1.40.0". */
  readonly client: string;
  readonly request: { readonly headers: { readonly [name: string]: string }; readonly body: Json };
  /** `error`: the x-amzn-errortype. */
  readonly answer: { readonly status: number; readonly error?: string; readonly body: Json };
};

/** Ids, tokens, times in milliseconds and numbers of snapshots, and folders of a run. */
const ID =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|\b\d{13,}\b|\btmp[a-z0-9_]{8}\b/g;
const PLACE = /<id:(\d+)>/g;
const TIME = "<time>";
/** Items of an answer's list that are kept. */
const KEPT = 5;
const MORE = /^<and (\d+) more>$/;

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
const isTime = (name: string, value: Json): boolean =>
  typeof value === "number" && value > 1e9 && /(Time|On)$/.test(name);
const isRecord = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Puts numbered places for what differs, the same for the same thing all through a session. */
export class Normaliser {
  private readonly places = new Map<string, string>();

  normal(value: Json, options: { readonly cut: boolean }, name = ""): Json {
    if (isTime(name, value)) return TIME;
    if (typeof value === "string")
      return name === "NextToken" ? this.place(value) : value.replace(ID, (id) => this.place(id));
    if (Array.isArray(value)) {
      const items = (value as readonly Json[]).map((item) => this.normal(item, options));
      return options.cut ? cut(items) : items;
    }
    return isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.normal(member, options, key)]))
      : value;
  }

  private place(id: string): string {
    const place = this.places.get(id) ?? `<id:${this.places.size + 1}>`;
    this.places.set(id, place);
    return place;
  }
}

const cut = (items: readonly Json[]): readonly Json[] =>
  items.length <= KEPT ? items : [...items.slice(0, KEPT), `<and ${items.length - KEPT} more>`];

/** What the places of a session stand for when it is played again. */
export class Places {
  private readonly values = new Map<string, string>();

  /** A request as it is sent. What its client made up is made up here. */
  filled(value: Json): Json {
    if (value === TIME) return 1.7e9;
    if (typeof value === "string") return value.replace(PLACE, (_, number: string) => this.valueOf(number));
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => this.filled(item));
    return isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.filled(member)]))
      : value;
  }

  /**
   * An answer with the places of the expected one where it has what they stand for; equal to it when it is as it should
   * be.
   */
  seenAs(expected: Json | undefined, actual: Json): Json {
    if (typeof expected === "string" && typeof actual === "string")
      return this.matches(expected, actual) ? expected : actual;
    if (expected === TIME) return typeof actual === "number" && actual > 1e9 ? TIME : actual;
    if (Array.isArray(actual)) {
      const wanted = Array.isArray(expected) ? (expected as readonly Json[]) : [];
      const last = wanted.at(-1);
      const items =
        typeof last === "string" && MORE.test(last) ? cut(actual as readonly Json[]) : (actual as readonly Json[]);
      return items.map((item, i) => this.seenAs(wanted[i], item));
    }
    if (!isRecord(actual)) return actual;
    return Object.fromEntries(
      Object.entries(actual).map(([key, member]) => [
        key,
        this.seenAs(expected !== undefined && isRecord(expected) ? expected[key] : undefined, member),
      ]),
    );
  }

  private valueOf(number: string): string {
    const value = this.values.get(number) ?? `00000000-0000-4000-8000-${number.padStart(12, "0")}`;
    this.values.set(number, value);
    return value;
  }

  /**
   * Whether a text is as expected; a place that has not stood for anything yet stands for what it has there from now
   * on.
   */
  private matches(expected: string, actual: string): boolean {
    const parts = expected.split(PLACE); // texts and numbers, in turns
    let pattern = "";
    for (const [i, part] of parts.entries()) {
      const known = this.values.get(part);
      pattern += i % 2 === 0 ? escaped(part) : known === undefined ? "(.+)" : escaped(known);
    }
    const found = new RegExp(`^${pattern}$`, "s").exec(actual);
    if (found === null) return false;
    const fresh = parts.filter((part, i) => i % 2 === 1 && !this.values.has(part));
    for (const [i, number] of fresh.entries()) this.values.set(number, found[i + 1] ?? "");
    return true;
  }
}
