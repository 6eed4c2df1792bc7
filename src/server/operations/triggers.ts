import {
  allDefinitions,
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
  hasDefinition,
} from "../../catalog/definitions/definition.js";
import type { Entity } from "../../catalog/index.js";
import { startCrawl } from "../crawler-run.js";
import { batchGot, listed, listedNames } from "../definition-operations.js";
import { startRun } from "../../job/run/start-run.js";
import { operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";
import { arnOf } from "../resource-arn.js";
import { dropTags, putTags, type Tags } from "../resource-tags.js";
import { checkTriggerRequest } from "../check-trigger-request.js";
import type { Trigger } from "../../workflow/model.js";
import { setTriggerState, triggerOf, type TriggerRecord, triggerRef } from "../../workflow/store/workflow-store.js";

type Named = { readonly Name: string };
type TriggerSettings = TriggerRecord["settings"];
type CreateTrigger = Trigger & { readonly StartOnCreation?: boolean; readonly Tags?: Tags };
type Dependent = Paged & { readonly DependentJobName?: string };

export const triggerOperations = {
  CreateTrigger: operation(async ({ Name, StartOnCreation, Tags, ...settings }: CreateTrigger, context) => {
    await checkTriggerRequest(context.catalog, { ...settings, Name }, StartOnCreation === true);
    const record: TriggerRecord = { settings, state: StartOnCreation === true ? "ACTIVATED" : "CREATED" };
    await createDefinition(context.catalog, triggerRef(Name), record);
    await putTags(context, arnOf(context, "trigger", Name), Tags);
    return { Name };
  }),
  GetTrigger: operation(async ({ Name }: Named, { catalog }) => ({
    Trigger: triggerOf(await getDefinition<TriggerRecord>(catalog, triggerRef(Name))),
  })),
  GetTriggers: operation(async (input: Dependent, context) => {
    if (input.DependentJobName === undefined)
      return listed<TriggerRecord>(context, "trigger", input, "Triggers", triggerOf);
    const all = await allDefinitions<TriggerRecord>(context.catalog, { kind: "trigger" });
    return { Triggers: all.filter((trigger) => starts(trigger, input.DependentJobName)).map(triggerOf) };
  }),
  BatchGetTriggers: operation(async ({ TriggerNames }: { TriggerNames: readonly string[] }, context) =>
    batchGot<TriggerRecord>(context, "trigger", TriggerNames, "Triggers", "TriggersNotFound", triggerOf),
  ),
  ListTriggers: operation(async (input: Dependent & { Tags?: Tags }, context) => {
    if (input.DependentJobName === undefined) return listedNames(context, "trigger", "trigger", input, "TriggerNames");
    const all = await allDefinitions<TriggerRecord>(context.catalog, { kind: "trigger" });
    return { TriggerNames: all.filter((trigger) => starts(trigger, input.DependentJobName)).map(({ name }) => name) };
  }),
  UpdateTrigger: operation(
    async (
      {
        Name,
        TriggerUpdate: { Name: _, ...update },
      }: Named & { readonly TriggerUpdate: Partial<TriggerSettings> & { readonly Name?: string } },
      { catalog },
    ) => {
      const { doc } = await getDefinition<TriggerRecord>(catalog, triggerRef(Name));
      await checkTriggerRequest(catalog, { ...doc.settings, ...update, Name }, false);
      await changeDefinition<TriggerRecord>(catalog, triggerRef(Name), (now) => ({
        ...now,
        settings: { ...now.settings, ...update },
      }));
      return { Trigger: triggerOf(await getDefinition<TriggerRecord>(catalog, triggerRef(Name))) };
    },
  ),
  DeleteTrigger: operation(async ({ Name }: Named, context) => {
    // a trigger that is not there is no error (AWS Glue API, DeleteTrigger)
    if (await hasDefinition(context.catalog, triggerRef(Name)))
      await deleteDefinition(context.catalog, triggerRef(Name));
    await dropTags(context, arnOf(context, "trigger", Name));
    return { Name };
  }),
  StartTrigger: operation(async ({ Name }: Named, context) => {
    const { doc } = await getDefinition<TriggerRecord>(context.catalog, triggerRef(Name));
    if (doc.settings.Type !== "ON_DEMAND") {
      await setTriggerState(context.catalog, Name, true, context.now() * 1000);
      return { Name };
    }
    // on-demand triggers fire now and never leave CREATED
    for (const { JobName, CrawlerName, Arguments, Timeout } of doc.settings.Actions) {
      if (CrawlerName !== undefined) await startCrawl(context, CrawlerName);
      else if (JobName !== undefined)
        await startRun(context, JobName, {
          triggerName: Name,
          ...(Arguments === undefined ? {} : { Arguments }),
          ...(Timeout === undefined ? {} : { Timeout }),
        });
    }
    return { Name };
  }),
  StopTrigger: operation(async ({ Name }: Named, { catalog }) => {
    await changeDefinition<TriggerRecord>(catalog, triggerRef(Name), (doc) =>
      doc.state === "ACTIVATED" ? { ...doc, state: "DEACTIVATED" } : doc,
    );
    return { Name };
  }),
} satisfies OperationTable;

const starts = ({ doc }: Entity<TriggerRecord>, job: string | undefined): boolean =>
  doc.settings.Actions.some(({ JobName }) => JobName === job);
