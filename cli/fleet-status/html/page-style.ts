/** Style sheet of the status page, for light and dark colour schemes. It loads no other file. */
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
.tiles { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(7.6rem, 1fr)); margin-top: 1.2rem; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: .8rem 1rem; }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .85rem; white-space: nowrap; display: inline-flex; align-items: center; gap: .4rem; }
.tile.alert { background: var(--alert-ground); border-color: var(--alert); }
.tile.alert b { color: var(--alert); }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(21.5rem, 1fr)); }
.card { display: flex; flex-direction: column; gap: .6rem; }
.card > p { font-size: .85rem; margin-top: auto; }
.card.alert { border-color: var(--alert); }
.shapes { position: absolute; }
.picture { display: block; max-width: 100%; height: auto; }
.connected { fill: var(--connected); } .offline { fill: var(--offline); } .revoked { fill: var(--revoked); }
.never-seen, .no-identity { fill: none; stroke-width: 1.5; }
.never-seen { stroke: var(--never); } .no-identity { stroke: var(--none); stroke-dasharray: 2.4 1.6; }
.mark { fill: var(--mark); } .cross { stroke: var(--mark); stroke-width: 1.6; stroke-linecap: round; }
.ring { fill: none; stroke: var(--alert); stroke-width: 1.6; }
g:hover > use { opacity: .7; }
.scroll { overflow: auto; max-height: 24rem; background: var(--card); border: 1px solid var(--line); border-radius: .7rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem; border-top: 1px solid var(--line); }
.scroll thead th { position: sticky; top: 0; background: var(--card); }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .85rem; white-space: nowrap; }
td:first-child { font-family: ui-monospace, Consolas, monospace; font-size: .9em; overflow-wrap: anywhere; }
td.alert { color: var(--alert); }
.drift td { white-space: nowrap; } .drift td:nth-child(3), .drift td:last-child { white-space: normal; }
@media (max-width: 44rem) {
  .drift thead { display: none; } .drift tr { display: block; padding: .4rem 0; border-top: 1px solid var(--line); }
  .drift td, .drift td:nth-child(3) { display: inline-block; padding: .1rem .8rem; border: 0; white-space: normal; }
  .drift td:empty { display: none; } .drift td:last-child { display: block; }
}
details summary { cursor: pointer; color: var(--soft); font-size: .85rem; }
details table { font-size: .85rem; margin-top: .4rem; } details td, details th { padding: .25rem .4rem; }
footer { max-width: 84rem; margin: 0 auto; color: var(--soft); font-size: .85rem; }
@media print { body { background: none; } .scroll { max-height: none; } .card, .tile { break-inside: avoid; } }
`;
