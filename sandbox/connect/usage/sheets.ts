import { Worker } from 'node:worker_threads';

/** A date is one that the sheet has formatted as a date; texts that look like one stay texts. */
export type CellValue = string | number | boolean | Date | null;

export interface Sheet {
  name: string;
  rows: CellValue[][];
}

export type Read = { sheets: Sheet[] } | { trouble: string };

/** What the reader sends: rows of a sheet, many times; at the end that it is done, or what stopped it. */
type Message = { sheet: string; rows: CellValue[][] } | { trouble: string } | 'done';

// A large workbook takes seconds, in which the sandbox goes on answering: the library runs in a thread of its own, and
// nothing else does. Rows come in portions, since taking over all of them at once takes seconds too.
const READER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const read = require(workerData);
  parentPort.on('message', (workbook) => read(Buffer.from(workbook)).then(
    (sheets) => {
      for (const { sheet, data } of sheets) {
        for (let at = 0; at === 0 || at < data.length; at += 2000) {
          parentPort.postMessage({ sheet, rows: data.slice(at, at + 2000) });
        }
      }
      parentPort.postMessage('done');
    },
    (error) => parentPort.postMessage({ trouble: String(error.message) }),
  ));
`;

interface Reader {
  thread: Worker;
  /** Why it reads no more; pending while it lives. */
  ended: Promise<Read>;
}

/** Readers that wait for the next workbook, for a moment: to start one takes longer than to read most workbooks. */
const waiting = new Set<Reader>();
const WAITS_MS = 1_000;

/** The sheets of a workbook. A file that is no workbook is trouble, not an error. */
export async function readSheets(workbook: Buffer): Promise<Read> {
  const [reader = startReader()] = waiting;
  waiting.delete(reader);
  const sheets = new Map<string, Sheet>();
  const read = new Promise<Read>((resolve) => {
    const done = (read: Read) => {
      letWait(reader);
      resolve(read);
    };
    reader.thread.on('message', (message: Message) => {
      if (message === 'done') done({ sheets: [...sheets.values()] });
      else if ('trouble' in message) done(message);
      else addRows(sheets, message.sheet, message.rows);
    });
  });
  reader.thread.postMessage(workbook);
  return await Promise.race([read, reader.ended]);
}

function startReader(): Reader {
  const thread = new Worker(READER, { eval: true, workerData: require.resolve('read-excel-file/node') });
  thread.unref();
  const ended = new Promise<Read>((resolve) => {
    thread.once('error', (error) => resolve({ trouble: error.message }));
    thread.once('exit', () => resolve({ trouble: 'The workbook cannot be read.' }));
  });
  const reader = { thread, ended };
  thread.once('exit', () => waiting.delete(reader));
  return reader;
}

function letWait(reader: Reader): void {
  reader.thread.removeAllListeners('message'); // they would keep the process from ending
  waiting.add(reader);
  setTimeout(() => void (waiting.delete(reader) && reader.thread.terminate()), WAITS_MS).unref();
}

function addRows(sheets: Map<string, Sheet>, name: string, rows: CellValue[][]): void {
  const sheet = sheets.get(name);
  if (sheet === undefined) sheets.set(name, { name, rows });
  else for (const row of rows) sheet.rows.push(row);
}
