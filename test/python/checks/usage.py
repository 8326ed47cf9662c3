"""Usage files, from the draft to what the distributor makes of them."""

import io

import requests as http
from connect.client import R
from openpyxl import Workbook, load_workbook

from .sandbox import refused, same, until

CONTRACT = 'CRD-10000-20000-30001'
PERIOD = {'from': '2026-10-01', 'to': '2026-10-31'}
COLUMNS = (
    'record_id',
    'item_search_criteria',
    'item_search_value',
    'quantity',
    'start_time_utc',
    'end_time_utc',
    'asset_search_criteria',
    'asset_search_value',
)


def files_of(sandbox):
    return sandbox.vendor('usage').files


def draft(sandbox, **more):
    """A file for October, of the product that is paid as it is used."""
    currency = sandbox.vendor.marketplaces['MP-10001'].get()['currency']
    product = {'id': sandbox.products['usage']}
    body = {'name': 'October', 'product': product, 'contract': {'id': CONTRACT}, 'period': PERIOD, 'currency': currency}
    return files_of(sandbox).create({**body, **more})


def workbook(asset, quantities, sheet='records', mpn='CALLS'):
    """A row for each quantity."""
    times = ('2026-10-01 00:00:00', '2026-10-31 23:59:59')
    rows = [
        (f'record-{number}', 'item.mpn', mpn, quantity, *times, 'asset.id', asset)
        for number, quantity in enumerate(quantities, 1)
    ]
    return book_of(*rows, sheet=sheet)


def book_of(*rows, more=(), sheet='records'):
    """A workbook as it is uploaded."""
    book = Workbook()
    book.active.title = sheet
    for row in ((*COLUMNS, *more), *rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def upload(sandbox, file, content):
    """Send a workbook, and give the status that comes of it."""
    answer = files_of(sandbox)[file]('upload').post(files={'usage_file': ('usage.xlsx', content)})
    assert answer['status'] in ('uploading', 'processing'), answer['status']
    return until(lambda: files_of(sandbox)[file].get()['status'], 'ready', 'invalid')


def hasten(sandbox):
    """A workbook is judged at once."""
    sandbox.control('PUT', 'settings', {'usageProcessingMs': 0})


def ready(sandbox, quantities=(12, 3)):
    """Id of a file that may be submitted."""
    asset = sandbox.subscription(product=sandbox.products['usage'])
    file = draft(sandbox)['id']
    same(upload(sandbox, file, workbook(asset, quantities)), 'ready')
    return file


def drafted(sandbox):
    """A file begins as a draft, in the lower case schema of its product, and is found again."""
    made = draft(sandbox, external_id='usage-2026-10', description='Calls')
    same(sandbox.vendor.response.status_code, 201)
    assert made['id'].startswith('UF-'), made
    file = files_of(sandbox)[made['id']].get()
    same((file['status'], file['schema'], file['environment'], file['period']), ('draft', 'qt', 'production', PERIOD))
    same((file['contract']['id'], file['marketplace']['id']), (CONTRACT, 'MP-10001'))
    for filters in (
        {'external_id': 'usage-2026-10'},
        {'name': 'October', 'status': 'draft'},
        {'product__id': sandbox.products['usage'], 'contract__id': CONTRACT},
    ):
        same([one['id'] for one in files_of(sandbox).filter(**filters)], [made['id']])
    same(files_of(sandbox).filter(R().name.like('Septem*')).count(), 0)
    refused(lambda: files_of(sandbox).create({'name': 'October'}), 400)


def walked(sandbox):
    """A file is uploaded, ready, submitted, accepted by the distributor and closed with its records."""
    file = ready(sandbox)
    same(files_of(sandbox)[file].get()['records'], {'valid': 2, 'invalid': 0, 'closed': 0})
    same(files_of(sandbox)[file]('submit').post()['status'], 'pending')
    theirs = sandbox.distributor('usage').files[file]
    accepted = theirs('accept').post({'acceptance_note': 'Thanks.'})
    same((accepted['status'], accepted['acceptance_note']), ('accepted', 'Thanks.'))
    records = list(sandbox.vendor('usage').records.filter(usagefile__id=file))
    same(sorted((float(one['usage']), one['status']) for one in records), [(3.0, 'approved'), (12.0, 'approved')])
    same({one['asset']['id'][:3] for one in records}, {'AS-'})
    closed = theirs('close').post()
    same((closed['status'], files_of(sandbox)[file].get()['status']), ('closed', 'closed'))
    same(sandbox.vendor('usage').records.filter(usagefile__id=file, status='closed').count(), 2)


def closed_by_record(sandbox):
    """The distributor closes records one by one, or many at once with 206; with the last the file is closed."""
    file = ready(sandbox)
    files_of(sandbox)[file]('submit').post()
    sandbox.distributor('usage').files[file]('accept').post({'acceptance_note': ''})
    one, other = (record['id'] for record in sandbox.distributor('usage').records.filter(usagefile__id=file))
    records = sandbox.distributor('usage').records
    records[one]('close').post({'external_billing_id': 'B-1', 'external_billing_note': ''})
    same(files_of(sandbox)[file].get()['status'], 'accepted')
    many = [{'id': other, 'external_billing_id': 'B-2', 'external_billing_note': ''}]
    answer = sandbox.distributor.create('usage/records/close-records', many)
    same(sandbox.distributor.response.status_code, 206)
    same([(each['id'], each['status']) for each in answer], [(other, 'closed')])
    same(files_of(sandbox)[file].get()['status'], 'closed')


def rejected(sandbox):
    """A file that is rejected is corrected by another workbook in the same file."""
    hasten(sandbox)
    asset = sandbox.subscription(product=sandbox.products['usage'])
    file = draft(sandbox)['id']
    upload(sandbox, file, workbook(asset, [12]))
    files_of(sandbox)[file]('submit').post()
    answer = sandbox.distributor('usage').files[file]('reject').post({'rejection_note': 'Too many.'})
    same((answer['status'], answer['rejection_note']), ('rejected', 'Too many.'))
    same(upload(sandbox, file, workbook(asset, [11])), 'ready')
    same([float(one['usage']) for one in sandbox.vendor('usage').records.filter(usagefile__id=file)], [11.0])
    same(files_of(sandbox)[file]('submit').post()['status'], 'pending')


def invalid(sandbox):
    """A workbook with a bad row makes the file invalid and says why; a better one makes it ready."""
    hasten(sandbox)
    asset = sandbox.subscription(product=sandbox.products['usage'])
    file = draft(sandbox)['id']
    unknown, reserved = (workbook(asset, [1], mpn=mpn) for mpn in ('NOWHERE', 'SEAT'))
    for content in (unknown, reserved, workbook(asset, [-1]), b'text'):
        same(upload(sandbox, file, content), 'invalid')
        assert files_of(sandbox)[file].get()['error_detail'], 'no detail'
        refused(files_of(sandbox)[file]('submit').post, 400)
    upload(sandbox, file, workbook(asset, [1, 1], mpn='NOWHERE'))
    assert 'USG_011' in files_of(sandbox)[file].get()['error_detail']
    same(upload(sandbox, file, workbook(asset, [1], sheet='usage_records')), 'ready')


def bad_rows(sandbox):
    """Rows are judged by their period, precision, subscription and id; each that is bad is listed."""
    hasten(sandbox)
    asset, foreign = (sandbox.subscription(product=sandbox.products[name]) for name in ('usage', 'plain'))
    good = ('one', 'item.mpn', 'CALLS', 1, '2026-10-01 00:00:00', '2026-10-31 23:59:59', 'asset.id', asset)
    file = draft(sandbox)['id']
    early, late = '2026-09-30 23:59:59', '2026-11-01 00:00:01'
    for column, value in ((3, 1.5), (3, 'many'), (4, early), (5, late), (7, foreign), (0, None)):
        row = (*good[:column], value, *good[column + 1 :])
        same(upload(sandbox, file, book_of(good, row)), 'invalid')
        same(files_of(sandbox)[file].get()['records'], {'valid': 1, 'invalid': 1, 'closed': 0})
        same(sandbox.vendor('usage').records.filter(usagefile__id=file, status='invalid').count(), 1)
    same(upload(sandbox, file, book_of(good, good)), 'invalid')
    for column, value in ((2, 'TRANSFER'), (3, 0)):
        row = ('two', *good[1:column], value, *good[column + 1 :])
        same(upload(sandbox, file, book_of(good, row)), 'ready')
    tenant = sandbox.vendor.assets[asset].get()['params']
    value = next(param['value'] for param in tenant if param['id'] == 'subscription_id')
    same(upload(sandbox, file, book_of((*good[:6], 'parameter.subscription_id', value))), 'ready')


def schemas(sandbox):
    """Cost and price rated rows need an amount, tier rated ones a tier as well."""
    hasten(sandbox)
    product = sandbox.products['usage']
    asset = sandbox.subscription(product=product)
    row = ('one', 'item.mpn', 'CALLS', 1, '2026-10-01 00:00:00', '2026-10-31 23:59:59', 'asset.id', asset)
    for schema in ('CR', 'PR', 'TR'):
        sandbox.control('PUT', f'products/{product}/ppu', {'schema': schema})
        file = draft(sandbox)['id']
        same(files_of(sandbox)[file].get()['schema'], schema.lower())
        same(upload(sandbox, file, book_of(row)), 'invalid')
        same(upload(sandbox, file, book_of((*row, 9.5, 1), more=('amount', 'tier'))), 'ready')
        if schema == 'TR':
            same(upload(sandbox, file, book_of((*row, 9.5), more=('amount',))), 'invalid')


def written(sandbox):
    """A file's note and external id can be written; a name of more than 100 characters is refused."""
    file = draft(sandbox)['id']
    files_of(sandbox)[file].update({'note': 'Second try.', 'external_id': 'X-1', 'description': 'Calls'})
    written = files_of(sandbox)[file].get()
    same((written['note'], written['external_id'], written['description']), ('Second try.', 'X-1', 'Calls'))
    refused(lambda: draft(sandbox, name='x' * 101), 400)
    refused(lambda: draft(sandbox, description='x' * 201), 400)
    refused(lambda: draft(sandbox, product={'id': 'PRD-999-999-999'}), 400)
    refused(lambda: draft(sandbox, period={'from': '2026-10-31', 'to': '2026-10-01'}), 400)


def aids(sandbox):
    """There is an empty workbook for a product, and there are totals by item of what was reported."""
    hasten(sandbox)
    link = sandbox.vendor('usage').products[sandbox.products['usage']]('template').get()['template_link']
    columns = next(load_workbook(io.BytesIO(http.get(link).content)).worksheets[0].iter_rows(values_only=True))
    assert set(COLUMNS) <= set(columns), columns
    file = ready(sandbox, (12, 3))
    files_of(sandbox)[file]('submit').post()
    sandbox.distributor('usage').files[file]('accept').post({'acceptance_note': ''})
    totals = list(sandbox.vendor('usage').aggregates.all())
    same([float(one['accepted']) for one in totals], [15.0])


def places(sandbox):
    """A file is in the currency and environment of its contract; the contract of zeros is preview."""
    overseas = draft(sandbox, contract={'id': 'CRD-10000-20000-30002'}, currency='USD')['id']
    file = files_of(sandbox)[overseas].get()
    same((file['currency'], file['environment'], file['marketplace']['id']), ('USD', 'production', 'MP-10002'))
    preview = draft(sandbox, contract={'id': 'CRD-00000-00000-00000'})['id']
    same(files_of(sandbox)[preview].get()['environment'], 'preview')
    asset = sandbox.subscription(product=sandbox.products['usage'])
    hasten(sandbox)
    same(upload(sandbox, overseas, workbook(asset, [1])), 'invalid')
    same([one['id'] for one in files_of(sandbox).filter(environment='preview')], [preview])


def reprocessed(sandbox):
    """A file is judged again without another upload, before it is submitted and not after."""
    file = ready(sandbox)
    files_of(sandbox)[file]('reprocess').post()
    until(lambda: files_of(sandbox)[file].get()['status'], 'ready')
    files_of(sandbox)[file]('submit').post()
    refused(files_of(sandbox)[file]('reprocess').post, 400)
    for action in ('accept', 'reject'):
        refused(sandbox.distributor('usage').files[draft(sandbox)['id']](action).post, 400)


def submitted_too_early(sandbox):
    """An upload is judged after its answer, so that a submit right behind it is refused."""
    sandbox.control('PUT', 'settings', {'usageProcessingMs': 1500})
    asset = sandbox.subscription(product=sandbox.products['usage'])
    file = draft(sandbox)['id']
    refused(files_of(sandbox)[file]('submit').post, 400)
    files_of(sandbox)[file]('upload').post(files={'usage_file': ('usage.xlsx', workbook(asset, [1]))})
    same(sandbox.vendor.response.status_code, 201)
    refused(files_of(sandbox)[file]('submit').post, 400)
    until(lambda: files_of(sandbox)[file].get()['status'], 'ready')


def rights(sandbox):
    """The vendor may not accept, reject or close; the distributor may not create, upload, submit or delete."""
    file = ready(sandbox)
    theirs = sandbox.distributor('usage').files
    refused(theirs[file]('submit').post, 403)
    refused(theirs[file]('delete').post, 403)
    refused(lambda: theirs[file]('upload').post(files={'usage_file': ('usage.xlsx', b'')}), 403)
    refused(lambda: theirs.create({'name': 'Theirs'}), 403)
    files_of(sandbox)[file]('submit').post()
    for action in ('accept', 'reject', 'close'):
        refused(files_of(sandbox)[file](action).post, 403)
    same(files_of(sandbox)[file].get()['status'], 'pending')


def deleted(sandbox):
    """A file is deleted before it is submitted, and not after."""
    file = draft(sandbox)['id']
    same(files_of(sandbox)[file]('delete').post()['status'], 'deleted')
    sent = ready(sandbox)
    files_of(sandbox)[sent]('submit').post()
    refused(files_of(sandbox)[sent]('delete').post, 400)


CHECKS = [
    drafted,
    walked,
    closed_by_record,
    rejected,
    invalid,
    bad_rows,
    schemas,
    written,
    aids,
    places,
    reprocessed,
    submitted_too_early,
    rights,
    deleted,
]
