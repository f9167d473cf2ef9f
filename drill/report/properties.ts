import type { Example, ExampleOperation, Property, Report } from "../report-format.ts";
import { anchor } from "./anchor.ts";
import { html, type Html } from "./html.ts";
import { mark } from "./verdict.ts";
import { count, counted, duration, moment } from "./words.ts";

/** Groups in the order given, those with a failed property first; failed properties first in each. */
export function grouped(properties: readonly Property[]): { name: string; properties: readonly Property[] }[] {
  const order = (property: Property): number => (property.status === "failed" ? 0 : 1);
  const groups = new Map<string, Property[]>();
  for (const property of properties) groups.set(property.group, [...(groups.get(property.group) ?? []), property]);
  return [...groups]
    .map(([name, members]) => ({ name, properties: members.sort((a, b) => order(a) - order(b)) }))
    .sort((a, b) => Math.min(...a.properties.map(order)) - Math.min(...b.properties.map(order)));
}

/** Share of the example's time at which an operation begins and which it takes, in percent. */
export function placeOperation(
  operations: readonly ExampleOperation[],
  { startMs, endMs }: ExampleOperation,
): { left: number; width: number } {
  const from = Math.min(...operations.map((operation) => operation.startMs));
  const to = Math.max(...operations.map((operation) => operation.endMs ?? operation.startMs));
  const whole = Math.max(to - from, Number.MIN_VALUE);
  const left = ((startMs - from) / whole) * 100;
  return { left, width: endMs === undefined ? 100 - left : ((endMs - startMs) / whole) * 100 };
}

function operationRow(operation: ExampleOperation, all: readonly ExampleOperation[]): Html {
  const { client, member, startMs, endMs, outcome, words, file, line } = operation;
  const { left, width } = placeOperation(all, operation);
  const end =
    endMs === undefined ? html`end unknown` : html`${moment(endMs)} <small>${duration(endMs - startMs)}</small>`;
  return html`<tr>
    <td data-label="Operation"><code class="words">${words}</code></td>
    <td data-label="From – to" class="when">
      <span>${moment(startMs)} – ${end}</span>
      <span class="span" aria-hidden="true"
        ><i class="${outcome}" style="left:${left.toFixed(2)}%;width:${width.toFixed(2)}%"></i
      ></span>
    </td>
    <td data-label="Answer"><span class="outcome ${outcome}">${outcome}</span></td>
    <td data-label="Member">${member}</td>
    <td data-label="Client">${client}<br /><small>${file}:${line}</small></td>
  </tr>`;
}

function operationTable(operations: readonly ExampleOperation[]): Html | undefined {
  if (operations.length === 0) return undefined;
  return html`<table class="operations cards" aria-label="The operations, in the order of their starts">
    <thead>
      <tr>
        <th scope="col">Operation</th>
        <th scope="col">From – to</th>
        <th scope="col">Answer</th>
        <th scope="col">Member</th>
        <th scope="col">Client, line in the history</th>
      </tr>
    </thead>
    <tbody>
      ${operations.map((operation) => operationRow(operation, operations))}
    </tbody>
  </table>`;
}

function example({ holds, words, atMs, operations }: Example): Html {
  const when =
    atMs === undefined
      ? undefined
      : html`<a class="at" href="#timeline" data-from="${atMs}" data-to="${atMs}">at ${moment(atMs)}</a>`;
  return html`<li class="example ${holds ? "holds" : "fails"}">
    <p>${mark(holds)} ${words} ${when}</p>
    ${operationTable(operations)}
  </li>`;
}

function examples({ status, examples: all }: Property): Html | undefined {
  if (all.length === 0) return undefined;
  const open = status === "failed" ? html`open` : undefined;
  return html`<details ${open}>
    <summary>${counted(all.length, "example")}</summary>
    <ul class="examples">
      ${all.map(example)}
    </ul>
  </details>`;
}

function propertyRows(property: Property): Html {
  const { id, name, status, passing, failing, unit, detail } = property;
  const failed = status === "failed";
  const below = examples(property);
  return html`<tr id="property-${anchor(id)}" class="property ${status}">
      <td>${mark(!failed)}</td>
      <th scope="row">
        ${name}<br /><small><code>${id}</code>${detail === "" ? undefined : html` · ${detail}`}</small>
      </th>
      <td class="number"><span class="phone-only">held </span>${count(passing)}</td>
      <td class="number${failing > 0 ? " bad" : ""}"><span class="phone-only">failed </span>${count(failing)}</td>
      <td class="unit">${unit}</td>
    </tr>
    ${
      below === undefined
        ? undefined
        : html`<tr class="below">
            <td colspan="5">${below}</td>
          </tr>`
    }`;
}

function groupTable({ name, properties }: ReturnType<typeof grouped>[number]): Html {
  return html`<table class="properties">
    <caption>
      ${name}
    </caption>
    <thead>
      <tr>
        <th scope="col"><span class="hidden">Status</span></th>
        <th scope="col">Property</th>
        <th scope="col" class="number">Held</th>
        <th scope="col" class="number">Failed</th>
        <th scope="col">Of</th>
      </tr>
    </thead>
    <tbody>
      ${properties.map(propertyRows)}
    </tbody>
  </table>`;
}

/** Every property with its counts; of the failed ones what contradicts them is open. */
export function propertySection({ properties }: Report): Html {
  return html`<section id="properties" aria-labelledby="properties-title">
    <h2 id="properties-title">Properties</h2>
    ${grouped(properties).map(groupTable)}
  </section>`;
}
