import { html, type Markup } from "../../../fleet-status/html/markup.ts";
import type { Destination } from "../../endpoint-list.ts";
import { portText, regionText } from "../section-parts.ts";
import type { Sheet } from "../sheet.ts";

/*
 * The picture of terminal, proxy, firewall and regions: one drawing for paper and large screens, one for phones. Lengths are
 * units of the drawing; a screen scales them.
 */

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A service at the other side of the firewall. */
interface Service {
  name: string;
  /** Host, then ports. */
  lines: string[];
  isOptional: boolean;
}

/** Services in one place: an Azure region, or the rest of the internet. */
interface Place {
  name: string;
  services: Service[];
}

/** Both drawings. The page shows one of them. */
export function renderPicture(sheet: Sheet): Markup {
  const places = listPlaces(sheet);
  return html`<figure class="picture">${renderWide(sheet, places)}${renderTall(sheet, places)}<figcaption>${sheet.words.picture.outboundOnly}</figcaption></figure>`;
}

function listPlaces({ input, words }: Sheet): Place[] {
  const { destinations } = input.list;
  const { picture } = words;
  const find = (service: Destination["service"]) => destinations.find((row) => row.service === service);
  const names: Partial<Record<Destination["service"], string>> = {
    "iot-hub": picture.hub,
    "blob-storage": picture.files,
    "flow-api": picture.flow,
    teamviewer: picture.teamviewer,
  };
  const service = (id: Destination["service"]): Service[] => {
    const row = find(id);
    if (!row) return [];
    const tls = row.minimumTls === null ? "" : ` · TLS ${row.minimumTls}+`;
    return [
      {
        name: names[id] ?? words.services[id],
        lines: [row.host ?? words.ownDns, `${portText(row.ports)}${tls}`],
        isOptional: row.requirement === "optional",
      },
    ];
  };
  const regionOf = (id: Destination["service"]) => regionText(find(id)?.region ?? null, words);
  const portsOf = (id: Destination["service"]) => `${words.services[id]} ${portText(find(id)?.ports ?? [])}`;
  const others: Service = {
    name: picture.otherDetail,
    lines: [`${portsOf("time")}, ${portsOf("dns")}`, portsOf("certificate-status")],
    isOptional: false,
  };
  return [
    { name: `Azure ${regionOf("iot-hub")}`, services: [...service("iot-hub"), ...service("blob-storage")] },
    { name: `Azure ${regionOf("flow-api")}`, services: service("flow-api") },
    {
      name: picture.other,
      services: [...service("teamviewer"), others],
    },
  ];
}

const serviceHeight = 70;
const placeTop = 30;
const gap = 12;

function renderWide(sheet: Sheet, places: Place[]): Markup {
  const { picture } = sheet.words;
  const left = 540;
  const width = 412;
  const drawn = stack(places, left, width, 8);
  const height = drawn.height + 8;
  const middle = height / 2;
  const network: Box = { x: 8, y: 8, width: 440, height: height - 16 };
  const terminal: Box = { x: 30, y: middle - 55, width: 130, height: 110 };
  const proxy: Box = { x: 206, y: middle - 40, width: 110, height: 80 };
  const wall: Box = { x: 372, y: 44, width: 56, height: height - 72 };
  return html`<svg class="wide" role="img" aria-label="${picture.description}" viewBox="0 0 960 ${height}">
${arrowHead("wide-arrow")}
<rect class="zone" ${size(network)} rx="12"/>${label(network.x + 14, network.y + 21, picture.yourNetwork, "zone-name")}
${drawn.markup}
<path class="line" d="M${terminal.x + terminal.width} ${middle}H${proxy.x}M${proxy.x + proxy.width} ${middle}H${wall.x}"/>
${drawn.targets.map(
  (y) =>
    html`<path class="line" marker-end="url(#wide-arrow)" d="M${wall.x + wall.width} ${middle}H${left - 66}V${y}H${left + gap}"/>`,
)}
${drawTerminal(terminal, picture.terminal, picture.terminalDetail)}
${drawBox(proxy, picture.proxy, picture.proxyDetail, "optional")}
${drawWall(wall)}
${label(wall.x + wall.width / 2, middle - 4, picture.firewall, "wall-name", "middle", -90)}
</svg>`;
}

function renderTall(sheet: Sheet, places: Place[]): Markup {
  const { picture } = sheet.words;
  const terminal: Box = { x: 24, y: 40, width: 130, height: 100 };
  const proxy: Box = { x: 214, y: 50, width: 112, height: 80 };
  const wall: Box = { x: 24, y: 170, width: 312, height: 44 };
  const network: Box = { x: 8, y: 8, width: 344, height: 220 };
  const drawn = stack(places, 32, 320, 252);
  const [first = 0] = drawn.targets;
  const last = drawn.targets.at(-1) ?? first;
  const middle = terminal.y + terminal.height / 2;
  return html`<svg class="tall" role="img" aria-label="${picture.description}" viewBox="0 0 360 ${drawn.height + 8}">
${arrowHead("tall-arrow")}
<rect class="zone" ${size(network)} rx="12"/>${label(network.x + 14, network.y + 20, picture.yourNetwork, "zone-name")}
${drawn.markup}
<path class="line" d="M${terminal.x + terminal.width} ${middle}H${proxy.x}M${proxy.x + proxy.width / 2} ${proxy.y + proxy.height}V${wall.y}"/>
<path class="line" d="M30 ${wall.y + wall.height}V${wall.y + wall.height + 22}H16V${last}"/>
${drawn.targets.map((y) => html`<path class="line" marker-end="url(#tall-arrow)" d="M16 ${y}H${32 + gap}"/>`)}
${drawTerminal(terminal, picture.terminal, picture.terminalDetail)}
${drawBox(proxy, picture.proxy, picture.proxyDetail, "optional")}
${drawWall(wall)}
${label(wall.x + wall.width / 2, wall.y + 27, `${picture.firewall}: ${picture.firewallDetail}`, "wall-name", "middle")}
</svg>`;
}

/** Places below each other. `targets` are the heights that lines go to. */
function stack(places: Place[], x: number, width: number, top: number) {
  const targets: number[] = [];
  let y = top;
  const markup = places.map(({ name, services }) => {
    const zone: Box = {
      x,
      y,
      width,
      height: placeTop + services.length * (serviceHeight + gap),
    };
    y += zone.height + gap;
    const boxes = services.map((service, index) => {
      const box: Box = {
        x: x + gap,
        y: zone.y + placeTop + index * (serviceHeight + gap),
        width: width - 2 * gap,
        height: serviceHeight,
      };
      targets.push(box.y + box.height / 2);
      return drawService(box, service);
    });
    return html`<rect class="zone" ${size(zone)} rx="12"/>${label(zone.x + 14, zone.y + 20, name, "zone-name")}${boxes}`;
  });
  return { markup, targets, height: y - gap };
}

function drawService(box: Box, { name, lines, isOptional }: Service): Markup {
  return html`<rect class="${isOptional ? "box optional" : "box"}" ${size(box)} rx="8"/>
${label(box.x + 12, box.y + 22, name, "name")}
${lines.map((line, index) => label(box.x + 12, box.y + 41 + index * 18, line, "detail"))}`;
}

function drawTerminal(box: Box, name: string, detail: string): Markup {
  const { x, y, width, height } = box;
  const screen: Box = { x: x + 14, y: y + 12, width: width - 28, height: height - 62 };
  return html`<rect class="box" ${size(box)} rx="8"/><rect class="screen" ${size(screen)} rx="4"/>
${label(x + width / 2, y + height - 27, name, "name", "middle")}${label(x + width / 2, y + height - 10, detail, "detail", "middle")}`;
}

function drawBox(box: Box, name: string, detail: string, style: string): Markup {
  const { x, y, width, height } = box;
  const middle = y + height / 2;
  return html`<rect class="box ${style}" ${size(box)} rx="8"/>${label(x + width / 2, middle - 3, name, "name", "middle")}${label(x + width / 2, middle + 16, detail, "detail", "middle")}`;
}

const drawWall = (box: Box): Markup => html`<rect class="wall" ${size(box)} rx="6"/>`;

const size = ({ x, y, width, height }: Box): Markup =>
  html`x="${x}" y="${y}" width="${width}" height="${height}"`;

function label(x: number, y: number, text: string, style: string, anchor = "start", angle = 0): Markup {
  return html`<text class="${style}" x="${x}" y="${y}" text-anchor="${anchor}" ${
    angle === 0 ? html`` : html`transform="rotate(${angle} ${x} ${y})"`
  }>${text}</text>`;
}

const arrowHead = (id: string): Markup =>
  html`<defs><marker id="${id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path class="arrow" d="M0 0 10 5 0 10z"/></marker></defs>`;
