/** Style sheet of the customer's sheet: screens, phones, light and dark, A4. It loads no other file. */
export const sheetStyle = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --soft-ground: #f3f6f9; --line: #cfd7df; --text: #17212b; --soft: #4a5866;
  --accent: #0b5c8a; --accent-ground: #e6f1f8; --wall: #b4481e; --wall-text: #ffffff; --warn: #7a4b00; --warn-ground: #fff4df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12171d; --soft-ground: #1b222b; --line: #36414d; --text: #e8edf2; --soft: #a9b6c3;
    --accent: #79c0ee; --accent-ground: #17303f; --wall: #e08a5e; --wall-text: #1b1009; --warn: #ffd08a; --warn-ground: #3a2c12;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem clamp(1rem, 4vw, 2.5rem); background: var(--ground); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .2rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.4rem 0 .6rem; padding-top: .6rem; border-top: 2px solid var(--accent); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; }
p { margin: .5rem 0; max-width: 46rem; } ul, ol { margin: .5rem 0; padding-left: 1.4rem; max-width: 46rem; } li { margin: .2rem 0; }
a { color: var(--accent); }
header p { color: var(--soft); margin: 0; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 2rem; margin: .8rem 0 0; }
.facts div { display: flex; gap: .5rem; } .facts dt { color: var(--soft); } .facts dd { margin: 0; font-weight: 600; }
nav { background: var(--soft-ground); border-radius: .6rem; padding: .8rem 1.2rem; margin-top: 1.2rem; }
nav h2 { border: 0; margin: 0 0 .3rem; padding: 0; font-size: 1rem; }
nav ol { columns: 3 15rem; column-gap: 2.5rem; margin: 0; max-width: none; } nav li { break-inside: avoid; margin: 0; padding: .1rem 0; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
code { overflow-wrap: break-word; hyphens: none; }
pre { background: var(--soft-ground); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem .9rem; margin: 0;
  overflow: auto; max-height: 22rem; line-height: 1.45; }
.file { margin: .6rem 0; } .file > p, summary { font-size: .85rem; color: var(--soft); margin: 0 0 .25rem; }
summary { cursor: pointer; }
.warning { background: var(--warn-ground); color: var(--warn); border-left: 4px solid currentColor; padding: .6rem .9rem; border-radius: 0 .4rem .4rem 0; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-size: .9rem; line-height: 1.45; table-layout: fixed; }
caption { text-align: left; position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; vertical-align: top; padding: .4rem .55rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; hyphens: auto; }
thead th { background: var(--soft-ground); color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); }
tbody th { font-weight: 600; }
tr.group th { background: var(--accent-ground); color: var(--text); }
.picture { margin: 1.2rem 0; } .picture svg { width: 100%; height: auto; display: block; }
.picture figcaption { color: var(--soft); font-size: .9rem; margin-top: .4rem; }
svg.tall { display: none !important; }
svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--text); }
svg .zone { fill: var(--soft-ground); stroke: var(--line); }
svg .zone-name { font-size: 14px; font-weight: 600; fill: var(--soft); }
svg .box { fill: var(--ground); stroke: var(--accent); stroke-width: 1.5; }
svg .optional { stroke-dasharray: 5 4; }
svg .screen { fill: var(--accent-ground); stroke: var(--accent); }
svg .wall { fill: var(--wall); } svg .wall-name { fill: var(--wall-text); font-size: 16px; font-weight: 600; }
svg .name { font-size: 15px; font-weight: 600; } svg .detail { font-size: 12.5px; fill: var(--soft); }
svg .line { fill: none; stroke: var(--accent); stroke-width: 2; } svg .arrow { fill: var(--accent); }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .8rem; color: var(--soft); font-size: .85rem; }
@media screen and (max-width: 44rem) {
  svg.wide { display: none !important; } svg.tall { display: block !important; max-width: 26rem; margin: 0 auto; }
  body { padding: 1.2rem 1rem; }
  h1 { font-size: 1.5rem; }
  table, tbody, tr, th, td { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 1px solid var(--line); border-radius: .5rem; margin: .6rem 0; padding: .3rem .2rem; }
  tr.group { border: 0; padding: 0; margin: 1rem 0 .3rem; } tr.group th { border-radius: .4rem; }
  th, td { border: 0; padding: .2rem .6rem; }
  td::before { content: attr(data-label) ": "; color: var(--soft); }
}
@media print {
  :root { color-scheme: light; --ground: #ffffff; --soft-ground: #f3f6f9; --line: #b8c2cc; --text: #000000; --soft: #3d4a56;
    --accent: #0b5c8a; --accent-ground: #e6f1f8; --wall: #b4481e; --wall-text: #ffffff; --warn: #5f3a00; --warn-ground: #fff4df; }
  @page { size: A4; margin: 16mm 14mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #3d4a56; } }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.45; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h1 { font-size: 19pt; } h2 { font-size: 13pt; margin-top: 16pt; break-after: avoid; } h3 { font-size: 10.5pt; break-after: avoid; }
  p, ul, ol { max-width: none; orphans: 3; widows: 3; }
  nav { padding: 6pt 10pt; } nav ol { columns: 3; column-gap: 14pt; font-size: 8.5pt; }
  table { font-size: 8pt; } thead { display: table-header-group; break-after: avoid; } .short { break-inside: avoid; } tbody tr:first-child { break-before: avoid; } tr { break-inside: avoid; } tr.group { break-after: avoid; }
  .picture { break-inside: avoid; } .warning { break-inside: avoid; }
  .break { break-before: page; }
  pre { max-height: none; overflow: visible; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 7pt; line-height: 1.3; }
  pre.narrow { columns: 2; column-gap: 12pt; } section#addresses pre.narrow { columns: 4; }
  a { text-decoration: none; } footer { margin-top: 14pt; }
}
`;
