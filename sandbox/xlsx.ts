import { crc32, deflateRawSync } from 'node:zlib';

export type Cell = string | number | null;

export interface SheetToWrite {
  name: string;
  rows: Cell[][];
}

/** A workbook with plain cells, as little as a spreadsheet program needs. */
export function writeXlsx(sheets: SheetToWrite[]): Buffer {
  const numbered = sheets.map((sheet, index) => ({ ...sheet, number: index + 1 }));
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${OFFICE}/officeDocument/2006/relationships/${type}" Target="${target}"/>`;
  const relations = (content: string) =>
    xml(`<Relationships xmlns="${OFFICE}/package/2006/relationships">${content}</Relationships>`);
  const override = (part: string, type: string) =>
    `<Override PartName="${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`;

  return zip({
    '[Content_Types].xml': xml(
      `<Types xmlns="${OFFICE}/package/2006/content-types">` +
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
        override('/xl/workbook.xml', 'sheet.main') +
        numbered.map(({ number }) => override(`/xl/worksheets/sheet${number}.xml`, 'worksheet')).join('') +
        '</Types>',
    ),
    '_rels/.rels': relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')),
    'xl/workbook.xml': xml(
      `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}/officeDocument/2006/relationships"><sheets>` +
        numbered
          .map(({ name, number }) => `<sheet name="${escape(name)}" sheetId="${number}" r:id="rId${number}"/>`)
          .join('') +
        '</sheets></workbook>',
    ),
    'xl/_rels/workbook.xml.rels': relations(
      numbered.map(({ number }) => relation(`rId${number}`, 'worksheet', `worksheets/sheet${number}.xml`)).join(''),
    ),
    ...Object.fromEntries(numbered.map(({ number, rows }) => [`xl/worksheets/sheet${number}.xml`, sheetXml(rows)])),
  });
}

const OFFICE = 'http://schemas.openxmlformats.org';
const MAIN = `${OFFICE}/spreadsheetml/2006/main`;

const xml = (content: string) => `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${content}`;

function sheetXml(rows: Cell[][]): string {
  const lines = rows.map((cells, row) => {
    const written = cells.map((cell, column) => cellXml(cell, `${columnName(column)}${row + 1}`));
    return `<row r="${row + 1}">${written.join('')}</row>`;
  });
  return xml(`<worksheet xmlns="${MAIN}"><sheetData>${lines.join('')}</sheetData></worksheet>`);
}

function cellXml(cell: Cell, place: string): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return `<c r="${place}"><v>${cell}</v></c>`;
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escape(cell)}</t></is></c>`;
}

/** `A` for 0, `Z` for 25, `AA` for 26. */
function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(NOT_IN_XML, '');
}

// eslint-disable-next-line no-control-regex -- these are what XML has no place for
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** An archive of texts, each deflated. */
function zip(texts: Record<string, string>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(texts)) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const path = Buffer.from(name);
    const common = entry(crc32(content), packed.length, content.length, path.length);
    const local = Buffer.concat([bytes(4, 0x04034b50), common, bytes(2, 0), path, packed]);
    bodies.push(local);
    const rest = [bytes(2, 0), bytes(2, 0), bytes(2, 0), bytes(2, 0), bytes(4, 0), bytes(4, offset)];
    directory.push(Buffer.concat([bytes(4, 0x02014b50), bytes(2, 20), common, ...rest, path]));
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const count = bytes(2, directory.length);
  const end = [bytes(4, 0x06054b50), bytes(4, 0), count, count, bytes(4, size), bytes(4, offset), bytes(2, 0)];
  return Buffer.concat([...bodies, ...directory, ...end]);
}

/** What stands in front of a file and in the directory alike: version, names in UTF-8, deflated, 1 January 1980. */
function entry(crc: number, packed: number, size: number, nameLength: number): Buffer {
  const head = [bytes(2, 20), bytes(2, 0x0800), bytes(2, 8), bytes(2, 0), bytes(2, 0x21)];
  return Buffer.concat([...head, bytes(4, crc), bytes(4, packed), bytes(4, size), bytes(2, nameLength)]);
}

function bytes(width: 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(width);
  buffer.writeUIntLE(value, 0, width);
  return buffer;
}
