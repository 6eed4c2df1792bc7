/** Rulesets of data quality, their runs and results. */
import { invalidInput } from "../../catalog/catalog-errors.js";
import {
  allDefinitions,
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import { batchGot } from "../definition-operations.js";
import { operation, type OperationTable, refuseMembers } from "../operation.js";
import { paged } from "../page-of-list.js";
import { type Paged, pageOf } from "../paging.js";
import { parseRuleset } from "../quality/dqdl.js";
import {
  type QualityResult,
  qualityResultRef,
  type QualityRun,
  qualityRunRef,
  type RulesetRecord,
  rulesetRef,
  type TargetTable,
} from "../quality/quality-record.js";
import { cancelQualityRun, startQualityRun } from "../quality/quality-run.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";

type Named = { readonly Name: string };
type Source = { readonly GlueTable?: TargetTable; readonly DataQualityGlueTable?: unknown };
type Start = {
  readonly DataSource: Source;
  readonly Role: string;
  readonly RulesetNames: readonly string[];
  readonly AdditionalRunOptions?: object;
  readonly AdditionalDataSources?: object;
};
type Create = Named & {
  readonly Description?: string;
  readonly Ruleset: string;
  readonly TargetTable?: TargetTable;
  readonly Tags?: Tags;
};
type ByRun = { readonly RunId: string };

export const dataQualityOperations = {
  CreateDataQualityRuleset: operation(async ({ Name, Description, Ruleset, TargetTable, Tags }: Create, context) => {
    const doc: RulesetRecord = {
      Ruleset,
      ruleCount: parseRuleset(Ruleset).length,
      ...(Description === undefined ? {} : { Description }),
      ...(TargetTable === undefined ? {} : { TargetTable }),
    };
    if (TargetTable !== undefined) await context.catalog.getTable(TargetTable.DatabaseName, TargetTable.TableName);
    await createDefinition(context.catalog, rulesetRef(Name), doc);
    await putTags(context, arnOf(context, "dataQualityRuleset", Name), Tags);
    return { Name };
  }),
  GetDataQualityRuleset: operation(async ({ Name }: Named, { catalog }) => {
    const {
      doc: { ruleCount: _, ...doc },
      created,
      updated,
    } = await getDefinition<RulesetRecord>(catalog, rulesetRef(Name));
    return { ...doc, Name, CreatedOn: created, LastModifiedOn: updated };
  }),
  ListDataQualityRulesets: operation(
    async (
      input: Paged & {
        readonly Filter?: { readonly Name?: string; readonly TargetTable?: TargetTable };
        readonly Tags?: Tags;
      },
      { catalog },
    ) => {
      refuseMembers(input, "Tags");
      const { Name, TargetTable, ...others } = input.Filter ?? {};
      refuseMembers(others, ...Object.keys(others));
      const all = (await allDefinitions<RulesetRecord>(catalog, { kind: "quality-ruleset" })).filter(
        ({ name, doc }) =>
          (Name === undefined || Name === name) && (TargetTable === undefined || isOf(doc.TargetTable, TargetTable)),
      );
      return paged("Rulesets", all.map(summary), pageOf(input), [
        "quality-rulesets",
        JSON.stringify(input.Filter ?? {}),
      ]);
    },
  ),
  UpdateDataQualityRuleset: operation(async ({ Name, Description, Ruleset }: Named & Partial<Create>, { catalog }) => {
    const changed = Ruleset === undefined ? {} : { Ruleset, ruleCount: parseRuleset(Ruleset).length };
    const {
      ruleCount: _,
      TargetTable: __,
      ...doc
    } = await changeDefinition<RulesetRecord>(catalog, rulesetRef(Name), (before) => ({
      ...before,
      ...changed,
      ...(Description === undefined ? {} : { Description }),
    }));
    return { ...doc, Name };
  }),
  DeleteDataQualityRuleset: operation(async ({ Name }: Named, context) => {
    await deleteDefinition(context.catalog, rulesetRef(Name));
    await dropTags(context, arnOf(context, "dataQualityRuleset", Name));
    return {};
  }),
  StartDataQualityRulesetEvaluationRun: operation(async (input: Start, context) => {
    refuseMembers(input, "AdditionalRunOptions", "AdditionalDataSources");
    const { GlueTable: table } = input.DataSource;
    if (table === undefined) throw invalidInput("DataSource names no GlueTable", { path: "DataSource" });
    refuseMembers(table, "ConnectionName", "AdditionalOptions");
    return { RunId: await startQualityRun(context, { table, role: input.Role, rulesets: input.RulesetNames }) };
  }),
  GetDataQualityRulesetEvaluationRun: operation(async ({ RunId }: ByRun, { catalog }) => {
    const {
      doc: { pid: _, ...run },
    } = await getDefinition<QualityRun>(catalog, qualityRunRef(RunId));
    return { ...run, RunId };
  }),
  ListDataQualityRulesetEvaluationRuns: operation(
    async (input: Paged & { readonly Filter?: { readonly DataSource?: Source } }, { catalog }) => {
      const { DataSource, ...others } = input.Filter ?? {};
      refuseMembers(others, ...Object.keys(others));
      const all = newestFirst(await allDefinitions<QualityRun>(catalog, { kind: "quality-run" })).filter(
        ({ doc }) => DataSource?.GlueTable === undefined || isOf(doc.DataSource.GlueTable, DataSource.GlueTable),
      );
      return paged(
        "Runs",
        all.map(({ name, doc: { Status, StartedOn, DataSource: source } }) => ({
          RunId: name,
          Status,
          StartedOn,
          DataSource: source,
        })),
        pageOf(input),
        ["quality-runs", JSON.stringify(input.Filter ?? {})],
      );
    },
  ),
  CancelDataQualityRulesetEvaluationRun: operation(async ({ RunId }: ByRun, context) => {
    await cancelQualityRun(context, RunId);
    return {};
  }),
  GetDataQualityResult: operation(async ({ ResultId }: { readonly ResultId: string }, { catalog }) =>
    resultOf(await getDefinition<QualityResult>(catalog, qualityResultRef(ResultId))),
  ),
  BatchGetDataQualityResult: operation(async ({ ResultIds }: { readonly ResultIds: readonly string[] }, context) =>
    batchGot<QualityResult>(context, "quality-result", ResultIds, "Results", "ResultsNotFound", resultOf),
  ),
  ListDataQualityResults: operation(
    async (input: Paged & { readonly Filter?: { readonly DataSource?: Source } }, { catalog }) => {
      const { DataSource, ...others } = input.Filter ?? {};
      refuseMembers(others, ...Object.keys(others));
      const all = newestFirst(await allDefinitions<QualityResult>(catalog, { kind: "quality-result" })).filter(
        ({ doc }) => DataSource?.GlueTable === undefined || isOf(doc.DataSource.GlueTable, DataSource.GlueTable),
      );
      return paged(
        "Results",
        all.map(({ name, doc }) => ({ ResultId: name, DataSource: doc.DataSource, StartedOn: doc.StartedOn })),
        pageOf(input),
        ["quality-results", JSON.stringify(input.Filter ?? {})],
      );
    },
  ),
} satisfies OperationTable;

const isOf = (table: TargetTable | undefined, wanted: TargetTable): boolean =>
  table?.DatabaseName.toLowerCase() === wanted.DatabaseName.toLowerCase()
  && table.TableName.toLowerCase() === wanted.TableName.toLowerCase();

const newestFirst = <Doc extends { readonly StartedOn: number }>(all: readonly Entity<Doc>[]): readonly Entity<Doc>[] =>
  [...all].sort((a, b) => b.doc.StartedOn - a.doc.StartedOn);

const resultOf = ({ name, doc }: Entity<QualityResult>): object => ({ ...doc, ResultId: name });

const summary = ({
  name,
  doc: { Description, TargetTable, ruleCount },
  created,
  updated,
}: Entity<RulesetRecord>): object => ({
  Name: name,
  RuleCount: ruleCount,
  CreatedOn: created,
  LastModifiedOn: updated,
  ...(Description === undefined ? {} : { Description }),
  ...(TargetTable === undefined ? {} : { TargetTable }),
});
