/**
 * Regular expressions that cannot hang: matching takes time pattern × text, whatever the pattern (Thompson's
 * construction). Literals, `.`, classes, \d \w \s, groups, `|`, `* + ? {n,m}`, `^ $`, a leading `(?i)`; no look-around
 * and no back-references.
 */

export type PatternOptions = {
  /** A `*` after a plain character, or after nothing, stands for any run, as in a glob: `orders*`. */
  readonly bareStar?: boolean;
  readonly ignoreCase?: boolean;
  /** The whole text must match; otherwise a part of it. */
  readonly whole?: boolean;
};

type Test = (character: string) => boolean;
type Node =
  | { readonly kind: "test"; readonly test: Test }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Node[] }
  | { readonly kind: "repeat"; readonly part: Node; readonly min: number; readonly max: number };

type Step =
  | { readonly kind: "test"; readonly test: Test }
  | { readonly kind: "start" | "end" | "match" }
  | { readonly kind: "split"; readonly to: readonly number[] };

const MAX_STEPS = 5000;
const MAX_REPEAT = 1000;

/** A test for texts, or the reason why the pattern cannot be used. */
export function linearPattern(
  source: string,
  options: PatternOptions = {},
): ((text: string) => boolean) | { readonly problem: string } {
  try {
    const ignoreCase = options.ignoreCase === true || source.startsWith("(?i)");
    const body = source.startsWith("(?i)") ? source.slice(4) : source;
    const tree = new PatternParser([...body], { ...options, ignoreCase }).whole();
    const any: Node = { kind: "repeat", part: { kind: "test", test: () => true }, min: 0, max: Infinity };
    const steps = compile({ kind: "sequence", parts: options.whole === true ? [tree, { kind: "end" }] : [any, tree] });
    return (text) => run(steps, [...text], options.whole === true);
  } catch (error) {
    if (error instanceof PatternProblem) return { problem: error.message };
    throw error;
  }
}

class PatternProblem extends Error {}

class PatternParser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly source: readonly string[],
    private readonly options: PatternOptions,
  ) {}

  whole(): Node {
    const tree = this.choice();
    if (this.at < this.source.length) throw new PatternProblem("an unmatched )");
    return tree;
  }

  private choice(): Node {
    const parts = [this.sequence()];
    while (this.take("|")) parts.push(this.sequence());
    return { kind: "choice", parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.at < this.source.length && this.peek() !== "|" && this.peek() !== ")") parts.push(this.quantified());
    return { kind: "sequence", parts };
  }

  private quantified(): Node {
    const plain = !"\\.[(^$".includes(this.peek());
    if (this.options.bareStar === true && this.take("*")) return ANY_RUN;
    let node = this.atom();
    if (this.options.bareStar === true && plain && this.take("*")) return { kind: "sequence", parts: [node, ANY_RUN] };
    for (let bounds = this.quantifier(); bounds !== undefined; bounds = this.quantifier()) {
      node = { kind: "repeat", part: node, min: bounds[0], max: bounds[1] };
      if (this.take("+")) throw new PatternProblem("possessive quantifiers are not supported");
      // lazy or greedy makes no difference to whether a text matches
      this.take("?");
    }
    return node;
  }

  private quantifier(): readonly [number, number] | undefined {
    if (this.take("*")) return [0, Infinity];
    if (this.take("+")) return [1, Infinity];
    if (this.take("?")) return [0, 1];
    const counted = /^\{(\d{1,6})(,?)(\d{0,6})\}/.exec(this.source.slice(this.at, this.at + 16).join(""));
    if (counted === null) return undefined;
    this.at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === "" ? min : counted[3] === "" ? Infinity : Number(counted[3]);
    if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT) || max < min)
      throw new PatternProblem(`repetition bounds must go up and be at most ${MAX_REPEAT}`);
    return [min, max];
  }

  private atom(): Node {
    const character = this.next();
    switch (character) {
      case "(":
        return this.group();
      case "[":
        return { kind: "test", test: this.characterClass() };
      case ".":
        return { kind: "test", test: (c) => c !== "\n" };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "\\":
        return { kind: "test", test: this.escape() };
      case "*":
      case "+":
      case "?":
        throw new PatternProblem(`nothing to repeat before ${character}`);
      default:
        return { kind: "test", test: this.literal(character) };
    }
  }

  private group(): Node {
    this.depth += 1;
    if (this.depth > 200) throw new PatternProblem("groups nested too deeply");
    if (this.take("?") && !this.take(":")) throw new PatternProblem("look-around and named groups are not supported");
    const inner = this.choice();
    if (!this.take(")")) throw new PatternProblem("a missing )");
    this.depth -= 1;
    return inner;
  }

  private escape(): Test {
    const character = this.next();
    const named = CLASSES.get(character);
    if (named !== undefined) return named;
    if (/[0-9A-Za-z]/.test(character) && !CONTROLS.has(character))
      throw new PatternProblem(`the escape \\${character} is not supported`);
    return this.literal(CONTROLS.get(character) ?? character);
  }

  private characterClass(): Test {
    const negated = this.take("^");
    const tests: Test[] = [];
    for (let first = true; first || this.peek() !== "]"; first = false) {
      if (this.at >= this.source.length) throw new PatternProblem("a missing ]");
      tests.push(this.classPart());
    }
    this.take("]");
    return (c) => tests.some((test) => test(c)) !== negated;
  }

  private classPart(): Test {
    const low = this.next();
    if (low === "[" || (low === "&" && this.peek() === "&"))
      throw new PatternProblem("nested and intersected classes are not supported");
    if (low === "\\") return this.escape();
    if (this.peek() !== "-" || this.source[this.at + 1] === "]" || this.source[this.at + 1] === undefined)
      return this.literal(low);
    this.take("-");
    const high = this.next();
    const [from, to] = [low.codePointAt(0) ?? 0, high.codePointAt(0) ?? 0];
    if (high === "\\" || to < from) throw new PatternProblem(`a bad range ${low}-${high}`);
    const within = (c: string): boolean => {
      const point = c.codePointAt(0) ?? -1;
      return point >= from && point <= to;
    };
    return this.options.ignoreCase === true
      ? (c) => within(c) || within(c.toLowerCase()) || within(c.toUpperCase())
      : within;
  }

  private literal(character: string): Test {
    if (this.options.ignoreCase !== true) return (c) => c === character;
    const folded = character.toLowerCase();
    return (c) => c.toLowerCase() === folded;
  }

  private peek(): string {
    return this.source[this.at] ?? "";
  }

  private next(): string {
    const character = this.source[this.at];
    if (character === undefined) throw new PatternProblem("the pattern ends too early");
    this.at += 1;
    return character;
  }

  private take(character: string): boolean {
    if (this.source[this.at] !== character) return false;
    this.at += 1;
    return true;
  }
}

const ANY_RUN: Node = { kind: "repeat", part: { kind: "test", test: () => true }, min: 0, max: Infinity };
const CLASSES: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["d", (c) => /\d/.test(c)],
  ["D", (c) => !/\d/.test(c)],
  ["w", (c) => /\w/.test(c)],
  ["W", (c) => !/\w/.test(c)],
  ["s", (c) => /[ \t\n\v\f\r]/.test(c)],
  ["S", (c) => !/[ \t\n\v\f\r]/.test(c)],
]);
const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["f", "\f"],
]);

function compile(tree: Node): readonly Step[] {
  const steps: Step[] = [];
  const add = (step: Step): void => {
    if (steps.length >= MAX_STEPS) throw new PatternProblem("the pattern is too large");
    steps.push(step);
  };
  const emit = (node: Node): void => {
    switch (node.kind) {
      case "test":
      case "start":
      case "end":
        add(node);
        return;
      case "sequence":
        node.parts.forEach(emit);
        return;
      case "choice":
        emitChoice(node.parts);
        return;
      case "repeat":
        emitRepeat(node);
        return;
    }
  };
  const emitChoice = (parts: readonly Node[]): void => {
    const exits: number[] = [];
    parts.forEach((part, i) => {
      if (i === parts.length - 1) {
        emit(part);
        return;
      }
      const split = steps.length;
      add({ kind: "split", to: [] });
      emit(part);
      exits.push(steps.length);
      add({ kind: "split", to: [] });
      steps[split] = { kind: "split", to: [split + 1, steps.length] };
    });
    for (const exit of exits) steps[exit] = { kind: "split", to: [steps.length] };
  };
  const emitRepeat = (node: Extract<Node, { kind: "repeat" }>): void => {
    for (let i = 0; i < node.min; i += 1) emit(node.part);
    const copies = node.max === Infinity ? 1 : node.max - node.min;
    for (let i = 0; i < copies; i += 1) {
      const split = steps.length;
      add({ kind: "split", to: [] });
      emit(node.part);
      if (node.max === Infinity) add({ kind: "split", to: [split] });
      steps[split] = { kind: "split", to: [split + 1, steps.length] };
    }
  };
  emit(tree);
  add({ kind: "match" });
  return steps;
}

function run(steps: readonly Step[], text: readonly string[], whole: boolean): boolean {
  let current = new Set<number>();
  const enter = (states: Set<number>, first: number, at: number): boolean => {
    const pending = [first];
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (states.has(state)) continue;
      states.add(state);
      const step = steps[state];
      if (step?.kind === "match" && (!whole || at === text.length)) return true;
      if (step?.kind === "split") pending.push(...step.to);
      if ((step?.kind === "start" && at === 0) || (step?.kind === "end" && at === text.length)) pending.push(state + 1);
    }
    return false;
  };
  if (enter(current, 0, 0)) return true;
  for (let at = 0; at < text.length && current.size > 0; at += 1) {
    const following = new Set<number>();
    for (const state of current) {
      const step = steps[state];
      if (step?.kind === "test" && step.test(text[at] ?? "") && enter(following, state + 1, at + 1)) return true;
    }
    current = following;
  }
  return false;
}
