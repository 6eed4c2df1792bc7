import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { parseCount } from "../arguments.js";
import type { ActionRunner } from "../command.js";
import { withExisting } from "../open-context.js";
import { fileError } from "../../storage/file-error.js";
import { jsonDocument } from "../print/json.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";

type Options = { readonly for?: string; readonly days: number; readonly out?: string; readonly revoke?: string };

const DEFAULT_DAYS = 30;
const MOST_DAYS = 825;

/** `dynaframe dev-endpoint certificate` */
export function certificateCommand(parent: Command, run: ActionRunner): void {
  parent
    .command("certificate")
    .argument("<name>")
    .description("certificates that enter the endpoint by TLS: issue one, revoke, or list them")
    .option("--for <who>", "issue one for this name")
    .option(
      "--out <file>",
      "file for its key, the certificate and the endpoint's authority (default: <endpoint>-<who>.pem)",
    )
    .option("--days <number>", "how long it is good", parseCount("--days", 1, MOST_DAYS), DEFAULT_DAYS)
    .option("--revoke <serial or who>", "revoke one, or all of a name; their sessions end")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe dev-endpoint certificate lab --for alice\n  $ dynaframe dev-endpoint connect lab --certificate lab-alice.pem\n  $ dynaframe dev-endpoint certificate lab --revoke alice",
    )
    .action(
      run(async (invocation, name: string, options: Options) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global, style } = invocation;
          const { issueEndpointCertificate, revokeCertificates } =
            await import("../../devendpoint/tls/certificates.js");
          if (options.revoke !== undefined) {
            const revoked = await revokeCertificates(catalog, name, options.revoke);
            return terminal.out(
              global.json
                ? jsonDocument({ revoked })
                : revoked.map((each) => `revoked ${each.serial} of ${printable(each.name)}\n`).join(""),
            );
          }
          if (options.for !== undefined) {
            const { endpointFolder } = await import("../../devendpoint/endpoint-process.js");
            const file = options.out ?? `${name}-${options.for.replaceAll(/[^\w.-]/g, "_")}.pem`;
            const { bundle, serial, until } = await issueEndpointCertificate(
              catalog,
              endpointFolder(catalog, name),
              name,
              { name: options.for, days: options.days, now: Date.now() },
            );
            await writeFile(file, bundle, { mode: 0o600, flag: "wx" }).catch((error: unknown) => {
              throw fileError(error, file);
            });
            return terminal.out(
              global.json
                ? jsonDocument({ file, serial, until: new Date(until).toISOString() })
                : `wrote ${printable(file)}, good until ${new Date(until).toISOString()}: keep it secret\nconnect with: dynaframe dev-endpoint connect ${printable(name)} --certificate ${printable(file)}\n`,
            );
          }
          const { getEndpoint } = await import("../../devendpoint/endpoint-record.js");
          const { certificates = [] } = await getEndpoint(catalog, name, Date.now());
          if (global.json) return terminal.out(jsonDocument(certificates));
          const rows = certificates.map((each) => [
            printable(each.name),
            each.serial,
            new Date(each.until).toISOString(),
            each.isRevoked === true ? "revoked" : each.until < Date.now() ? "expired" : "good",
          ]);
          return terminal.out(
            printTable([{ title: "FOR" }, { title: "SERIAL" }, { title: "UNTIL" }, { title: "STATE" }], rows, style),
          );
        }),
      ),
    );
}
