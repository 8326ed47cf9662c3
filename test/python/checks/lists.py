"""Lists: filters, order, pages and counts."""

import asyncio

from connect.client import AsyncConnectClient, R

from .sandbox import refused, same


def ids(records):
    return [record['id'] for record in records]


def filters(sandbox):
    """A list is filtered by in, eq, ne, or, not and like."""
    plain, faulty = (sandbox.order(product=sandbox.products[name])['id'] for name in ('plain', 'faulty'))
    sandbox.vendor.requests[faulty]('fail').post({'reason': 'For the list.'})
    requests = sandbox.vendor.requests
    of_both = R().asset.product.id.in_([sandbox.products['plain'], sandbox.products['faulty']])
    same(ids(requests.filter(of_both)), [plain, faulty])
    same(ids(requests.filter(of_both & R().status.in_(['pending', 'inquiring']))), [plain])
    same(ids(requests.filter(R().status.eq('failed') | R().id.eq(plain))), [plain, faulty])
    same(ids(requests.filter(R().type.eq('purchase') & ~R().status.eq('failed'))), [plain])
    same(ids(requests.filter(R().status.ne('pending'))), [faulty])
    same(ids(requests.filter(R().asset.product.id.out([sandbox.products['plain']]))), [faulty])
    same(ids(requests.filter(R().asset.tiers.customer.name.ilike('*CUSTOMER*'))), [plain, faulty])
    same(ids(requests.filter(asset__product__id=sandbox.products['faulty'], status='failed')), [faulty])


def filter_by_connection(sandbox):
    """Requests are told apart by the type of their connection: production, test, preview."""
    for type in ('production', 'test', 'preview'):
        sandbox.order(connection=type)
    for type in ('production', 'test', 'preview'):
        found = list(sandbox.vendor.requests.filter(R().asset.connection.type.in_([type])))
        same([request['asset']['connection']['type'] for request in found], [type])
    preview = sandbox.vendor.requests.filter(asset__connection__type='preview').first()
    same(preview['contract']['id'], 'CRD-00000-00000-00000')


def filter_by_null(sandbox):
    """Requests without an assignee are found by null."""
    mine, free = (order['id'] for order in sandbox.orders(2))
    sandbox.vendor.requests[mine]('assign').post({'email': 'op@vendor.example'})
    same(ids(sandbox.vendor.requests.filter(assignee__null=True)), [free])
    same(ids(sandbox.vendor.requests.filter(assignee__null=False)), [mine])


def unknown_filter(sandbox):
    """A filter that a list does not have is ignored."""
    sandbox.orders(3)
    same(sandbox.vendor.requests.filter(R().no.such.filter.eq('x')).count(), 3)
    same(sandbox.vendor.requests.filter(R().no.such.filter.eq('x') & R().status.eq('failed')).count(), 0)


def bad_queries(sandbox):
    """A query that cannot be read, or asks for what a filter does not offer, is refused with 400."""
    for query in (
        'in(status,())',
        'eq(status,nonsense)',
        'eq(status',
        'not(and(eq(id,x),eq(id,y)))',
        'lt(status,pending)',
        'gt(created,yesterday)',
    ):
        refused(lambda: sandbox.vendor.requests.filter(query).first(), 400)
    by_product = sandbox.vendor.assets.all().order_by('product.id')
    refused(by_product.first, 400, text='Bad ordering filter: product.id.')
    for query in ('limit=1&limit=2', 'limit=gt=1', 'ordering(created)&ordering(status)', 'select(id)&select(-id)'):
        refused(lambda: sandbox.vendor.get(f'requests?{query}'), 400)


def patterns(sandbox):
    """A pattern without a star is exact; a star stands for the begin, the end or what is between."""
    asset = sandbox.order()['asset']['id']
    names = sandbox.vendor.requests.all()
    begin, end = asset[:8], asset[-4:]
    for pattern, count in ((asset, 1), (begin, 0), (f'{begin}*', 1), (f'*{end}', 1), (f'AS*{end}', 1)):
        same(names.filter(R().asset.id.like(pattern)).count(), count)
    same(names.filter(R().asset.id.like(f'{begin.lower()}*')).count(), 0)
    same(names.filter(R().asset.id.ilike(f'{begin.lower()}*')).count(), 1)
    refused(lambda: names.filter(R().asset.id.like('AS**')).count(), 400)


def dates(sandbox):
    """Times are compared as they are written, a plus in them too."""
    sandbox.order()
    created = sandbox.vendor.requests.all().first()['created']
    assert '+' in created, created
    same(sandbox.vendor.requests.filter(R().created.ge(created)).count(), 1)
    same(sandbox.vendor.requests.filter(R().created.gt('2099-01-01T00:00:00+00:00')).count(), 0)
    same(sandbox.vendor.assets.filter(R().created.lt('2099-01-01T00:00:00+00:00')).count(), 1)


def spellings(sandbox):
    """A filter may be written in several ways, with quotes and with the older names."""
    product = sandbox.products['plain']
    asset = sandbox.order()['asset']['id']
    sandbox.order(product=sandbox.products['faulty'])
    for query in (
        f'asset.id={asset}&status=pending',
        f'asset.id=eq={asset},status=eq=pending',
        f'(eq(asset.id,"{asset}")|eq(asset.id,\'nobody, else\'))',
        f'asset__product__id={product}',
        f'in(asset__product__id,({product}))',
        f'(eq(asset.id,{asset});eq(status,failed))&eq(type,purchase)',
    ):
        same([one['asset']['id'] for one in sandbox.vendor.get(f'requests?{query}')], [asset])


def order(sandbox):
    """A list can be ordered, and turned around."""
    placed = [order['id'] for order in sandbox.orders(3)]
    same(ids(sandbox.vendor.requests.all().order_by('created')), placed)
    same(ids(sandbox.vendor.requests.all().order_by('-created')), placed[::-1])


def select(sandbox):
    """Select leaves out what it is told to, and shows what is hidden otherwise."""
    asset = sandbox.order()['asset']['id']
    bare = sandbox.vendor.requests.all().select('-asset.items', '-asset.params').first()
    shown = bare['asset'].keys()
    assert 'items' not in shown and 'params' not in shown and 'tiers' in shown, shown
    assert 'capabilities' not in sandbox.vendor.requests.all().first()['asset']['product']
    full = sandbox.vendor.requests.all().select('asset.product.capabilities').first()
    assert full['asset']['product']['capabilities']['ppu']['schema'] == 'QT', full['asset']['product']
    assert 'pending_request' not in sandbox.vendor.assets.all().first()
    selected = sandbox.vendor.assets.filter(id=asset).select('pending_request').first()
    same(selected['pending_request']['type'], 'purchase')


def pages(sandbox):
    """A list of 250 comes in pages of 100, each record once."""
    placed = [order['id'] for order in sandbox.orders(250)]
    same(ids(sandbox.vendor.requests.all()), placed)
    same(ids(sandbox.vendor.requests.all().limit(7)), placed)
    same(ids(sandbox.vendor.requests.all()[95:110]), placed[95:110])
    same(sandbox.vendor.requests.all()[249]['id'], placed[249])
    same([one['id'] for one in sandbox.vendor.requests.all().values_list('id')], placed)
    everything = sandbox.vendor.requests.all().limit(1000)
    same(ids(everything), placed)
    same((everything.content_range.first, everything.content_range.last, everything.content_range.count), (0, 249, 250))


def edges_of_pages(sandbox):
    """Behind the end a page is empty, a limit of 0 counts, a bad limit is 100, and no page has more than 1000."""
    sandbox.orders(1001)
    for query, length, header in (
        ('limit=10&offset=2000', 0, 'items 2000-2000/1001'),
        ('limit=0', 0, 'items 0-0/1001'),
        ('limit=-1&offset=x', 100, 'items 0-99/1001'),
        ('limit=5000', 1000, 'items 0-999/1001'),
        ('limit=5000&offset=1000', 1, 'items 1000-1000/1001'),
    ):
        same(len(sandbox.vendor.get(f'requests?{query}')), length)
        same(sandbox.vendor.response.headers['Content-Range'], header)
        same(sandbox.vendor.response.headers['Content-Type'].split(';')[0], 'application/json')


def counts(sandbox):
    """A list is counted without reading it; its first record may be missing."""
    same(sandbox.vendor.requests.all().count(), 0)
    same(sandbox.vendor.requests.all().first(), None)
    same(bool(sandbox.vendor.requests.all()), False)
    placed = sandbox.orders(120)
    same(sandbox.vendor.requests.all().count(), 120)
    same(sandbox.vendor.requests.filter(status='approved').count(), 0)
    same(sandbox.vendor.requests.all().first()['id'], placed[0]['id'])


def search(sandbox):
    """A search looks into what may be searched, in any case."""
    asset = sandbox.orders(2)[1]['asset']['id']
    same([request['asset']['id'] for request in sandbox.vendor.requests.all().search(asset.lower())], [asset])


def shrinking_list(sandbox):
    """Who pages through a list that shrinks under his hands misses records: of 250 he meets 150."""
    sandbox.orders(250)
    met = 0
    for request in sandbox.vendor.requests.filter(status='pending'):
        sandbox.vendor.requests[request['id']]('fail').post({'reason': 'For the list.'})
        met += 1
    same((met, sandbox.vendor.requests.filter(status='pending').count()), (150, 100))


def asynchronous(sandbox):
    """The asynchronous client sees the same."""
    placed = [order['id'] for order in sandbox.orders(130)]

    async def read():
        client = AsyncConnectClient(sandbox.vendor_key, endpoint=sandbox.connect, use_specs=False)
        return [request['id'] async for request in client.requests.filter(status='pending')]

    same(asyncio.run(read()), placed)


CHECKS = [
    filters,
    filter_by_connection,
    filter_by_null,
    patterns,
    dates,
    spellings,
    unknown_filter,
    bad_queries,
    order,
    select,
    pages,
    edges_of_pages,
    counts,
    search,
    shrinking_list,
    asynchronous,
]
