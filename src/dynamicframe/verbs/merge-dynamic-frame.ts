import { field, inputOf, join, project } from "../../plan/ir/build.js";
import { both } from "./only.js";
import { keyColumns, keyPaths } from "./join.js";
import { union } from "./union.js";
import { defineVerb } from "./verb.js";

/**
 * `mergeDynamicFrame(stage, primaryKeys)`: an upsert. Every record of the stage, and every record of the source whose
 * key the stage does not have; whole records, never a mix of two. Duplicates stay on both sides. A key with a null in
 * it matches nothing, so both records stay. Fields are merged as by union. Source: docs/sources.md#methods,
 * decision 0014.
 */
export const mergeDynamicFrame = defineVerb<{ readonly primaryKeys: readonly string[] }>({
  kind: "mergeDynamicFrame",
  paths: ({ primaryKeys }) => [...keyPaths(primaryKeys, 0), ...keyPaths(primaryKeys, 1)],
  recordwise: false,
  lower: (inputs, { primaryKeys }) => {
    const [source, stage] = both(inputs);
    const keys = keyColumns("mergeDynamicFrame", source, stage, primaryKeys, primaryKeys);
    const kept = join("anti", source, stage, keys.left, keys.right);
    const record = field(inputOf(kept), "left");
    return union.lower(
      [
        project(
          kept,
          source.type.fields.map(({ name }) => ({ name, value: field(record, name) })),
        ),
        stage,
      ],
      {},
    );
  },
});
