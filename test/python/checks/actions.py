"""Product actions: buttons that lead to the vendor."""

from urllib.parse import parse_qs, urlsplit

from .sandbox import claims_in, refused, same

BUTTON = {
    'name': 'panel',
    'action': 'https://vendor.example/actions/panel',
    'type': 'button',
    'scope': 'asset',
    'description': 'Opens the control panel.',
}


def actions_of(client, product):
    return client.products[product].collection('actions')


def secret_of(sandbox, product='plain'):
    """A new one: what was signed with the one before is good no more."""
    actions = actions_of(sandbox.vendor, sandbox.products[product])
    return actions.action('regeneratesecret').post()['jwt_secret']


def token_in(link):
    return parse_qs(urlsplit(link).query)['jwt'][0]


def kept(sandbox):
    """A product action is created, listed, changed and deleted, by the vendor alone."""
    actions = actions_of(sandbox.vendor, sandbox.products['plain'])
    made = actions.create(BUTTON)
    same({name: made[name] for name in BUTTON}, BUTTON)
    of_tier = actions.create({**BUTTON, 'scope': 'tier1'})['id']
    same([one['id'] for one in actions.all()], [made['id'], of_tier])
    same([one['id'] for one in actions.filter(scope='tier1')], [of_tier])
    same(actions[made['id']].update({**BUTTON, 'description': 'Opens it.'})['description'], 'Opens it.')

    theirs = actions_of(sandbox.distributor, sandbox.products['plain'])
    refused(lambda: theirs.create(BUTTON), 403)
    refused(theirs[of_tier].delete, 403)
    refused(theirs.action('regeneratesecret').post, 403)
    same(actions[of_tier].delete(), None)
    refused(actions[of_tier].get, 404)
    refused(lambda: actions.create({**BUTTON, 'scope': 'item'}), 400)


def links(sandbox):
    """The link of an action is signed with the secret of its product, and says which subscription it is about."""
    actions = actions_of(sandbox.vendor, sandbox.products['plain'])
    action, asset = actions.create(BUTTON)['id'], sandbox.subscription()
    secret = secret_of(sandbox)
    link = actions[action]('actionLink').get(params={'asset_id': asset})['link']
    assert link.startswith('https://vendor.example/actions/panel?jwt='), link
    claims = claims_in(token_in(link), secret)
    same((claims['action_id'], claims['asset_id']), (action, asset))
    same(claims_in(token_in(link), secret_of(sandbox, 'tiered')), None)

    renewed = secret_of(sandbox)
    again = actions[action]('actionLink').get(params={'asset_id': asset})['link']
    same((claims_in(token_in(again), secret), claims_in(token_in(again), renewed)['asset_id']), (None, asset))
    refused(actions[action]('actionLink').get, 400)
    refused(lambda: actions[action]('actionLink').get(params={'asset_id': 'AS-0000-0000-0000'}), 404)


def tier_links(sandbox):
    """The link of an action of a tier says which configuration of that tier it is about."""
    product = sandbox.products['tiered']
    sandbox.subscription(product=product)
    actions = actions_of(sandbox.vendor, product)
    action, secret = actions.create({**BUTTON, 'scope': 'tier1'})['id'], secret_of(sandbox, 'tiered')
    configs = sandbox.vendor('tier').configs
    of_tier1, of_tier2 = [configs.filter(tier_level=level).first()['id'] for level in (1, 2)]
    link = actions[action]('actionLink').get(params={'tier_config_id': of_tier1})['link']
    same(claims_in(token_in(link), secret)['configuration_id'], of_tier1)
    refused(lambda: actions[action]('actionLink').get(params={'tier_config_id': of_tier2}), 400)


CHECKS = [kept, links, tier_links]
