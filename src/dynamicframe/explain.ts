import type { EngineSession } from "../engine/index.js";
import { printRelation } from "../plan/print.js";
import type { FrameNode, Resolved } from "./frame-node.js";

/** The plan in its three forms, and what reading it costs. */
export async function explainFrame(node: FrameNode, resolved: Resolved, engine: EngineSession): Promise<string> {
  const sources = resolved.sources.map((s) =>
    `  ${s.name}: ${s.files} files, ${s.records} records, ${s.malformed} malformed, ${s.bytesScanned} bytes scanned for types${s.notes.map((n) => `\n    ${n}`).join("")}`);
  return [
    "== Logical plan ==", logical(node, ""), "",
    "== IR ==", printRelation(resolved.relation), "",
    "== Sources ==", ...sources, "",
    "== Engine ==", await engine.explain(resolved.relation), "",
  ].join("\n");
}

function logical(node: FrameNode, indent: string): string {
  const args = JSON.stringify(node.args);
  return [`${indent}${node.kind}${args === "{}" ? "" : ` ${args}`}`, ...node.inputs.map((i) => logical(i, `${indent}  `))].join("\n");
}
