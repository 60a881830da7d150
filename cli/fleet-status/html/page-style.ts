/** What the status page and the doctor's report share, for light and dark colour schemes. It loads no other file. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #dfe3e8; --text: #1b2430; --soft: #5b6775;
  --connected: #11875d; --offline: #d9861a; --never: #7d8ea3; --revoked: #6c6580; --none: #c03a2b;
  --mark: #ffffff; --alert: #b3261e; --alert-ground: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --card: #1a2028; --line: #2e3742; --text: #e6eaf0; --soft: #9aa7b6;
    --connected: #35b98a; --offline: #eaa53d; --never: #8a9bb0; --revoked: #8d86a8; --none: #ef7467;
    --mark: #12161c; --alert: #ff8a80; --alert-ground: #33201f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem clamp(1rem, 4vw, 3rem); background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, main > section { max-width: 84rem; margin: 0 auto 2rem; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 0 0 .8rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
h2 small, h3 small { font-weight: 400; color: var(--soft); }
p { margin: 0; color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: .8rem 1rem; }
.card { display: flex; flex-direction: column; gap: .6rem; }
.card > p { font-size: .85rem; margin-top: auto; }
.card.alert { border-color: var(--alert); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .85rem; white-space: nowrap; }
td:first-child { font-family: ui-monospace, Consolas, monospace; font-size: .9em; overflow-wrap: anywhere; }
details summary { cursor: pointer; color: var(--soft); font-size: .85rem; }
details table { font-size: .85rem; margin-top: .4rem; } details td, details th { padding: .25rem .4rem; }
footer { max-width: 84rem; margin: 0 auto; color: var(--soft); font-size: .85rem; }
@media print { body { background: none; } .card { break-inside: avoid; } }
`;

/** What the status page has beyond `pageStyle`: tiles, customers, cards of sites, and lists of terminals. */
export const fleetStyle = `
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: .7rem .6rem; }
.tiles { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(7.6rem, 1fr)); margin-top: 1.2rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .82rem; white-space: nowrap; display: flex; align-items: center; gap: .3rem; }
.tile.alert { background: var(--alert-ground); border-color: var(--alert); }
.tile.alert b { color: var(--alert); }
.customer { margin-bottom: 2.4rem; } .customer h2 { overflow-wrap: anywhere; margin: 0 0 .2rem; }
.customer h2 small { font-size: .95rem; } .customer > * + .frame, .customer > .cards { margin-top: .8rem; }
.customer > h3 { margin-top: 1rem; } .pill { color: var(--alert); font-weight: 600; white-space: nowrap; }
.pill::before { content: "\\25cf"; margin: 0 .3rem 0 .2rem; }
.counts, .hint { font-size: .9rem; } .findings { margin: .4rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(21.5rem, 100%), 1fr)); }
.of { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.cards + p { margin-top: .6rem; }
.customer .card { position: relative; } .customer .card > p { margin: 0; } .customer .card > details { margin-top: auto; }
.tiles + .counts { margin-top: .6rem; }
.shapes { position: absolute; }
.picture { display: block; max-width: 100%; height: auto; }
.connected { fill: var(--connected); } .offline { fill: var(--offline); } .revoked { fill: var(--revoked); }
.never-seen, .no-identity { fill: none; stroke-width: 1.5; }
.never-seen { stroke: var(--never); } .no-identity { stroke: var(--none); stroke-dasharray: 2.4 1.6; }
.mark { fill: var(--mark); } .cross { stroke: var(--mark); stroke-width: 1.6; stroke-linecap: round; }
.ring { fill: none; stroke: var(--alert); stroke-width: 1.6; pointer-events: none; }
.picture use:hover { opacity: .7; }
.shape { flex: none; vertical-align: -1px; }
.frame { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; }
.more table { margin: 0; font-size: inherit; } .more .drift td, .more .drift th { padding: .45rem .8rem; }
.frame tbody tr:first-child td { border-top: 0; } .frame thead th { border-bottom: 1px solid var(--line); }
td.alert, p.alert { color: var(--alert); }
.id { font-family: ui-monospace, Consolas, monospace; font-size: .95em; }
td .id { font-size: 1em; } .id, .age, .state { white-space: nowrap; }
.labels { display: inline-flex; flex-wrap: wrap; gap: .25rem; } .label { border: 1px solid var(--line); border-radius: .4rem;
  padding: 0 .4rem; font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; }
.drift td:nth-child(3), .drift td:nth-child(4) { white-space: nowrap; } .drift td:nth-child(2) { overflow-wrap: anywhere; }
.drift td:first-child { min-width: 11rem; } .drift td:last-child { width: 45%; min-width: 18rem; } .drift .id.long { font-size: .85em; } .drift td:nth-child(2) { min-width: 13rem; }
summary { display: list-item; padding: .3rem 0; } .more { margin-top: .6rem; } .more > .frame, .more > .cards { margin-top: .4rem; }
/* An open list covers what is below it, so that nothing moves. */
.panel { position: absolute; z-index: 2; left: -1px; right: -1px; top: calc(100% - .4rem); margin: 0; padding: .2rem 1rem;
  max-height: 24rem; overflow: auto; list-style: none; background: var(--card); border: 1px solid var(--soft);
  border-radius: .7rem; box-shadow: 0 .6rem 1.6rem rgb(0 0 0 / .25); }
.panel li { padding: .5rem 0; border-top: 1px solid var(--line); font-size: .85rem; } .panel li:first-child { border-top: 0; }
.panel p:empty { display: none; } .panel p { overflow-wrap: anywhere; } .panel .remedy { color: var(--text); } .panel .remedy.alert { color: var(--alert); }
@media (max-width: 90rem) { .id.long { white-space: normal; overflow-wrap: anywhere; } }
@media (max-width: 62rem) {
  .drift, .drift tbody { display: block; } .drift thead { display: none; }
  .drift tr { display: flex; flex-wrap: wrap; gap: .1rem .9rem; padding: .6rem .8rem; border-top: 1px solid var(--line); }
  .drift tr:first-child { border-top: 0; }
  .drift td, .drift td:first-child, .more .drift td { padding: 0; border: 0; min-width: 0; } .drift td:nth-child(2) { order: 2; min-width: 0; color: var(--soft); }
  .drift td:nth-child(4) { order: 3; color: var(--soft); } .drift td:last-child { order: 1; width: 100%; min-width: 0; }
  .drift td:empty { display: none; }
}
@media (max-width: 44rem) {
  .tiles { grid-template-columns: repeat(3, 1fr); gap: .4rem; } .tile { padding: .4rem .6rem; }
  .tile b { font-size: 1.25rem; } .tile span { font-size: .78rem; line-height: 1.25; white-space: normal; gap: .3rem; }
}
@media print { .panel { position: static; max-height: none; box-shadow: none; } .tile, .drift tr { break-inside: avoid; } }
`;
