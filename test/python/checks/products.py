"""Products, and where they are sold."""

from connect.client import R

from .sandbox import same


def described(sandbox):
    """A product tells its state and its capabilities."""
    product = sandbox.vendor.products[sandbox.products['tiered']].get()
    same((product['id'], product['status']), (sandbox.products['tiered'], 'published'))
    capabilities = product['capabilities']
    same((capabilities['ppu']['schema'], capabilities['tiers']['configs']['level']), ('QT', 2))
    same(capabilities['subscription']['hold'], True)
    same(sandbox.vendor.products[sandbox.products['plain']].get()['capabilities']['tiers']['configs'], None)
    same(sandbox.vendor.products.filter(R().id.in_([product['id']])).count(), 1)


def items(sandbox):
    """A product has items: reserved or paid as they are used, with a precision, named by their MPN."""
    items = sandbox.vendor.products[sandbox.products['usage']].items
    kinds = {item['mpn']: (item['type'], item['precision'].lower()) for item in items.all()}
    same(kinds, {'SEAT': ('Reservation', 'integer'), 'CALLS': ('PPU', 'integer'), 'TRANSFER': ('PPU', 'decimal(2)')})
    item = items.filter(mpn='CALLS').first()
    same(item['local_id'], item['id'].replace('-', '_'))


def parameters(sandbox):
    """Parameters are found by phase, scope and name, and tell what is required."""
    parameters = sandbox.vendor.products[sandbox.products['tiered']].parameters
    same({one['name'] for one in parameters.filter(phase='fulfillment', scope='asset')}, {'subscription_id'})
    same(parameters.filter(phase='fulfillment', scope__in=['tier1', 'tier2']).count(), 2)
    same(parameters.filter(name='admin_email').first()['constraints']['required'], True)
    same(parameters.filter(constraints__required=True, phase='ordering').count(), 1)


def templates(sandbox):
    """Templates are found by scope and type alone, so that one name stands in three scopes."""
    templates = sandbox.vendor.products[sandbox.products['plain']].templates
    same({one['scope'] for one in templates.all()}, {'asset', 'tier1', 'tier2'})
    same({one['type'] for one in templates.filter(scope='asset', type='fulfillment')}, {'fulfillment'})
    same(templates.filter(scope='asset', type='inquire').count(), 1)
    same([one['type'] for one in templates.filter(scope='tier1')], [None])
    default = [one['scope'] for one in templates.all() if one['name'] == 'Default Activation Template']
    same(default, ['asset', 'tier1', 'tier2'])


def templates_by_name(sandbox):
    """The name of a template filters nothing, unless the sandbox is told that it does."""
    templates = sandbox.vendor.products[sandbox.products['plain']].templates
    by_name = templates.filter(name='Change Template', scope='asset')
    same(by_name.count(), 3)
    sandbox.control('PUT', 'settings', {'templatesHonourName': True})
    same([one['name'] for one in by_name.all()], ['Change Template'])


def rendered(sandbox):
    """A template is rendered for a request as text."""
    request = sandbox.order(admin_email='ada@customer.example')['id']
    template = sandbox.vendor.products[sandbox.products['plain']].templates[sandbox.template()]
    text = template('render').get(params={'request_id': request})
    assert b'ada@customer.example' in text, text
    same(sandbox.vendor.response.headers['Content-Type'].split(';')[0], 'text/markdown')


def configuration(sandbox):
    """A product has values of configuration, each with its parameter."""
    rows = list(sandbox.vendor.products[sandbox.products['plain']].configurations.all())
    same([(row['parameter']['name'], row['value']) for row in rows], [('api_region', 'eu-sandbox-1')])


def places(sandbox):
    """A marketplace has its currency, a contract its marketplace; preview belongs to no contract that is listed."""
    contracts = list(sandbox.vendor.contracts.filter(R().type.in_(['distribution']) & R().status.in_(['active'])))
    currencies = [sandbox.vendor.marketplaces[one['marketplace']['id']].get()['currency'] for one in contracts]
    same(sorted(currencies), ['EUR', 'USD'])
    assert all(one['id'].startswith('CRD-') and one['status'] == 'active' for one in contracts), contracts
    same(sandbox.vendor.contracts.filter(type='service').count(), 0)


CHECKS = [described, items, parameters, templates, templates_by_name, rendered, configuration, places]
