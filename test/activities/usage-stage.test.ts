import { describe, expect, test } from '@jest/globals';
import { counting, useUsageFile } from './usage-file';

const { box, activities, run, failureOf, files, act, file, ours, seenIn, reach } = useUsageFile();

describe('where a usage file stands', () => {
  const look = (id: string) => run(activities(), 'readUsageStage', [id]);

  test.each([
    ['draft', 'draft'],
    ['ready', 'ready'],
    ['uploaded', 'ready'],
    ['pending', 'pending'],
    ['accepted', 'accepted'],
    ['closed', 'closed'],
  ])('%s is %s', async (status, stage) => {
    const { id } = await reach(status);
    expect(await look(id)).toMatchObject({ stage });
  });

  test('which workbook it has, and since when the distributor has it, is said as Connect says it', async () => {
    const { id } = await reach('pending');
    const { uploaded, submitted } = (await files.file(id)).body.events;
    const seen = { workbook: `${uploaded.at} by ${uploaded.by.id}`, submitted: submitted.at };
    expect(await look(id)).toEqual({ stage: 'pending', ...seen });
    const { id: draft } = await reach('draft');
    expect(await look(draft)).toEqual({ stage: 'draft', workbook: '' });

    const json = { ...(await files.file(id)).body, events: null };
    await box.control.fault({ api: 'connect', method: 'GET', path: `/usage/files/${id}`, json, times: 1 });
    expect(await look(id)).toEqual({ stage: 'pending', workbook: '' });
  });

  test('uploading and processing are the same to us', async () => {
    await box.control.set({ usageProcessingMs: 60_000 });
    const uploading = await files.draft(ours());
    await files.upload(uploading, 'later');
    await box.control.set({ usageProcessingMs: 0 });
    const processing = await files.ready();
    await box.control.set({ usageProcessingMs: 60_000 });
    await act('vendor', processing, 'reprocess');
    for (const id of [uploading, processing]) expect(await look(id)).toMatchObject({ stage: 'processing' });
  });

  test('deleted by somebody is deleted', async () => {
    const id = await files.draft();
    await act('vendor', id, 'delete');
    expect(await look(id)).toMatchObject({ stage: 'deleted' });
  });

  test.each([
    ['rejected', 'no note says why'],
    ['invalid', 'is "invalid": '],
  ])('%s is for a person, who is told why', async (status, text) => {
    const { id } = await reach(status);
    expect(await look(id)).toMatchObject({ stage: status, problem: expect.stringContaining(text) });
  });

  test('ready with records that are invalid is for a person', async () => {
    const { id } = await reach('ready');
    const json = { ...(await files.file(id)).body, records: { valid: 1, invalid: 2 } };
    const path = `/usage/files/${id}`;
    const about = 'The Connect portal offers the file with the error of each record.';
    await box.control.fault({ api: 'connect', method: 'GET', path, json, times: 1 });
    const problem = `${id} is "ready": 2 records are invalid. ${about}`;
    expect(await look(id)).toMatchObject({ stage: 'invalid', problem });

    const detailed = { ...json, error_detail: 'Row 2 is invalid.' };
    await box.control.fault({ api: 'connect', method: 'GET', path, json: detailed, times: 1 });
    expect(await look(id)).toMatchObject({ problem: `${id} is "ready": Row 2 is invalid. ${about}` });
  });

  test('a status that we do not know is for a person, and Connect says whether such a file takes a workbook', async () => {
    const { id, asset } = await reach('pending');
    const json = { ...(await files.file(id)).body, status: 'archived' };
    await box.control.fault({ api: 'connect', method: 'GET', path: `/usage/files/${id}`, json, times: 4 });
    expect(await look(id)).toMatchObject({ stage: 'invalid', problem: expect.stringContaining('is "archived"') });
    const all = activities({ vendor: counting(asset, '5') });
    const { type } = await failureOf(all, 'uploadUsage', [file(), await seenIn(id)]);
    expect(type).toBe('ConnectRejected');
  });

  test('one that Connect does not have any more is gone', async () => {
    expect(await look('UF-2026-10-0000-0000')).toMatchObject({ stage: 'gone' });
  });
});

describe('submitting', () => {
  const submits = async () => (await box.control.usage.files())[0]?.effects['submit'] ?? 0;

  test.each(['ready', 'uploaded'])(
    'a file that is %s hands it to the distributor, and a repeat is fine',
    async (status) => {
      const { id, asset } = await reach(status);
      const all = activities({ vendor: counting(asset, '5') });
      const seen = await seenIn(id);
      await run(all, 'submitUsageFile', [file(), seen]);
      await run(all, 'submitUsageFile', [file(), seen]);
      await run(all, 'submitUsageFile', [file(), seen], { attempt: 2 });
      expect([await files.status(id), await submits()]).toEqual(['pending', 1]);
    },
  );

  test('a file that has another workbook than was seen, or that is gone, is left to the next look', async () => {
    const { id, asset } = await reach('ready');
    const all = activities({ vendor: counting(asset, '5') });
    for (const fileId of [id, 'UF-2026-10-0000-0000']) {
      await run(all, 'submitUsageFile', [file(), { fileId, workbook: 'another' }]);
    }
    expect([await files.status(id), await submits()]).toEqual(['ready', 0]);
  });

  test('a file whose submission Connect takes, and does nothing about, is submitted again', async () => {
    const { id, asset } = await reach('ready');
    const all = activities({ vendor: counting(asset, '5') });
    const seen = await seenIn(id);
    const path = `/usage/files/${id}/submit`;
    await box.control.fault({ api: 'connect', method: 'POST', path, json: {}, times: 1 });
    const failure = await failureOf(all, 'submitUsageFile', [file(), seen]);
    expect([failure.type, failure.nonRetryable]).toEqual(['UsageUnsubmitted', false]);
    await run(all, 'submitUsageFile', [file(), seen], { attempt: 2 });
    expect([await files.status(id), await submits()]).toEqual(['pending', 1]);
  });

  test.each(['delete', 'reprocess'])('a file that meets %s meanwhile is left to the next look', async (action) => {
    const { id, asset } = await reach('ready');
    const seen = await seenIn(id);
    await box.control.set({ usageProcessingMs: 60_000 });
    await act('vendor', id, action);
    await run(activities({ vendor: counting(asset, '5') }), 'submitUsageFile', [file(), seen]);
    expect(await submits()).toBe(0);
  });

  test('one that is invalid is refused, in Connect’s own words', async () => {
    const { id, asset } = await reach('invalid');
    const all = activities({ vendor: counting(asset, '5') });
    const failure = await failureOf(all, 'submitUsageFile', [file(), await seenIn(id)]);
    expect([failure.type, failure.message]).toEqual(['ConnectRejected', expect.stringContaining('USG_001')]);
  });
});
