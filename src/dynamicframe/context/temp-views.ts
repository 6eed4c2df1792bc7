/** Frames under names of this context's own, for its SQL; as Spark's temporary views. */
import { DynaframeError } from "../../types/error.js";
import type { FrameNode } from "../frame-node.js";

/** A plain SQL name: it needs no quotes in any engine. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export class TempViews {
  private readonly views = new Map<string, FrameNode>();

  /**
   * Names are told apart without case.
   * @throws BAD_ARGUMENT for what is no plain name; ALREADY_EXISTS unless `replace`
   */
  create(name: string, node: FrameNode, replace: boolean): void {
    if (!NAME.test(name))
      throw new DynaframeError("BAD_ARGUMENT", `${JSON.stringify(name)} cannot name a view.`, {
        path: "name",
        found: name,
        hint: "Use letters, digits and underscores.",
      });
    const key = name.toLowerCase();
    if (!replace && this.views.has(key))
      throw new DynaframeError("ALREADY_EXISTS", `There is a view ${name}.`, {
        path: "name",
        found: name,
        hint: "Use createOrReplaceTempView.",
      });
    this.views.set(key, node);
  }

  /** Whether there was one. */
  drop(name: string): boolean {
    return this.views.delete(name.toLowerCase());
  }

  /** Those that a query may mean: whose names are words of it. */
  mentionedIn(sql: string): ReadonlyMap<string, FrameNode> {
    const words = new Set((sql.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).map((word) => word.toLowerCase()));
    return new Map([...this.views].filter(([name]) => words.has(name)));
  }
}
