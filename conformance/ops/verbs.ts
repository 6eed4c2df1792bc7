/** Verbs of one frame: how the arguments of a case become a call. Used alone and as steps of a pipeline. */
import type { DynamicFrame } from "../api.js";
import { asList, asObject, asText, asTexts, member, type JsonObject } from "../case.js";
import { functionOf, NotBuilt, type CaseEnvironment } from "../environment.js";

export type Verb = (frame: DynamicFrame, args: JsonObject, environment: CaseEnvironment) => Promise<DynamicFrame>;

/** Only the arguments that the case gives are passed, so that defaults are the package's own. */
export const given = (args: JsonObject, ...names: readonly string[]): { readonly [name: string]: never } =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(args, name)).map((name) => [name, args[name]])) as {
    readonly [name: string]: never;
  };

export const verbs: { readonly [op: string]: Verb } = {
  applyMapping: async (frame, args) =>
    frame.applyMapping(asList(member(args, "mappings")).map(asTexts), given(args, "caseSensitive")),
  dropFields: async (frame, args) => frame.dropFields(asTexts(member(args, "paths"))),
  selectFields: async (frame, args) => frame.selectFields(asTexts(member(args, "paths"))),
  renameField: async (frame, args) =>
    frame.renameField(asText(member(args, "oldName")), asText(member(args, "newName"))),
  unnest: async (frame) => frame.unnest(),
  unnestDdbJson: async (frame) => frame.unnestDdbJson(),
  simplifyDdbJson: async (frame) => frame.simplifyDdbJson(),
  unbox: async (frame, args) =>
    frame.unbox(asText(member(args, "path")), asText(member(args, "format")), asObject(member(args, "options") ?? {})),
  dropNullFields: async (frame) => frame.dropNullFields(),
  resolveChoice: async (frame, args, environment) => {
    const table = member(args, "catalogTable");
    if (table !== undefined) {
      await environment.register(asText(member(args, "database")), asText(member(args, "tableName")), table);
    }
    return frame.resolveChoice(given(args, "specs", "choice", "database", "tableName"));
  },
  map: async (frame, args) => frame.map(functionOf(member(args, "f")), given(args, "stageThreshold", "totalThreshold")),
  filter: async (frame, args) => frame.filter(functionOf(member(args, "f"))),
};

/** The steps of a pipeline in their order. */
export async function runSteps(
  frame: DynamicFrame,
  steps: readonly JsonObject[],
  environment: CaseEnvironment,
): Promise<DynamicFrame> {
  let current = frame;
  for (const step of steps) {
    const op = asText(member(step, "op"));
    const verb = verbs[op];
    if (!verb) throw new NotBuilt(`the step ${op} is not built yet`);
    current = await verb(current, asObject(member(step, "args") ?? {}), environment);
  }
  return current;
}
