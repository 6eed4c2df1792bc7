/** The style sheet of the drift page; light and dark as the reader's system is. */
export const DRIFT_STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --faint: #667085; --line: #d5dae3; --paper: #fff; --good: #1a7f4b; --bad: #b3261e; --warn: #b26a00; --info: #5b4bb5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --faint: #98a2b3; --line: #3a4252; --paper: #14181f; --good: #4cc38a; --bad: #ff7b72; --warn: #f0a94a; --info: #a99bff; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin-top: 2rem; font-size: 1.2rem; } h3 { margin: 0 0 .4rem; font-size: 1rem; }
header p { margin: .3rem 0; } .faint { color: var(--faint); font-weight: normal; }
.badge { display: inline-block; margin-right: .6rem; padding: .1rem .6rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .85rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
.timeline { width: 100%; height: auto; margin-top: 1rem; } .timeline line { stroke: var(--line); stroke-width: 2; } .timeline text, .lanes text { fill: var(--faint); font-size: 13px; }
.lanes { width: 100%; height: auto; } .lanes line { stroke: var(--line); } .lanes .path { fill: var(--ink); font: 12.5px ui-monospace, monospace; } circle { stroke: var(--paper); stroke-width: 1.5; }
a { color: var(--info); } a:hover circle { stroke: var(--ink); } .step:target { background: color-mix(in srgb, var(--info) 9%, transparent); }
circle.both, .key.both { fill: var(--bad); background: var(--bad); } circle.backward, .key.backward { fill: var(--info); background: var(--info); }
circle.forward, .key.forward { fill: var(--warn); background: var(--warn); } circle.none, .key.none { fill: var(--good); background: var(--good); }
.legend { color: var(--faint); font-size: .85rem; } .key { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; margin: 0 .3rem 0 .9rem; }
.step { border-left: 3px solid var(--line); padding: .2rem 0 .2rem 1rem; margin: 1rem 0; } .step.both { border-color: var(--bad); } .step.backward { border-color: var(--info); } .step.forward { border-color: var(--warn); } .step.none { border-color: var(--good); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .88rem; }
table.changes { table-layout: fixed; min-width: 54rem; } col.since { width: 3.2rem; } col.path { width: 16%; } col.rule { width: 11.5rem; } col.type { width: 13%; } col.type + col.type { width: 19%; } col.breaks { width: 5.5rem; } col.count { width: 4rem; } col.share { width: 4.2rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); } th { color: var(--faint); font-weight: 600; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; } .number { text-align: right; white-space: nowrap; } .place { overflow-wrap: anywhere; color: var(--faint); } .rule { overflow-wrap: normal; }
`;
