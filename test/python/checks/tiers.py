"""Tier configurations: resellers that are set up before their customers' orders."""

from .sandbox import param_of, refused, same

STATE = 'Tier configuration request status transition is not allowed.'


def requests_of(sandbox):
    return sandbox.vendor('tier').config_requests


def buy(sandbox, **spec):
    return sandbox.order(product=sandbox.products['tiered'], **spec)


def of_level(sandbox, level):
    return requests_of(sandbox).filter(configuration__tier_level=level).first()


def fill(sandbox, request, value='R-1', **mark):
    """Write the reseller's id."""
    param = {'id': 'reseller_id', 'value': value, **mark}
    return requests_of(sandbox)[request].update({'params': [param]})


def approve(sandbox, request, scope):
    body = {'template': {'id': sandbox.template('tiered', scope, None)}}
    return requests_of(sandbox)[request]('approve').post(body)


def both_levels(sandbox):
    """A purchase waits in tiers setup for both levels; tier 1 waits for tier 2."""
    order = buy(sandbox)
    one, two = of_level(sandbox, 1), of_level(sandbox, 2)
    same((one['type'], one['status'], two['status']), ('setup', 'tiers_setup', 'pending'))
    same(sandbox.vendor.requests[order['id']].get()['status'], 'tiers_setup')
    same((one['environment'], one['configuration']['status']), ('production', 'processing'))
    refused(lambda: sandbox.approve(order['id'], 'tiered'), 400, 'REQ_003')
    fill(sandbox, two['id'])
    approve(sandbox, two['id'], 'tier2')
    same(requests_of(sandbox)[one['id']].get()['status'], 'pending')
    same(sandbox.vendor.requests[order['id']].get()['status'], 'tiers_setup')
    written = fill(sandbox, one['id'], 'R-2')
    same(param_of(written['params'], 'reseller_id')['value'], 'R-2')
    same(param_of(written['configuration']['params'], 'reseller_id')['value'], 'R-2')
    approve(sandbox, one['id'], 'tier1')
    same(sandbox.vendor.requests[order['id']].get()['status'], 'pending')
    for config in sandbox.vendor('tier').configs.all():
        same(config['status'], 'active')
    same(sandbox.approve(order['id'], 'tiered')['asset']['status'], 'active')


def set_up_once(sandbox):
    """A reseller that is set up for a product is not asked again."""
    sandbox.subscription(product=sandbox.products['tiered'], reseller='blue')
    before = requests_of(sandbox).all().count()
    same(buy(sandbox, reseller='blue')['status'], 'pending')
    same(requests_of(sandbox).all().count(), before)
    same(buy(sandbox, reseller='green')['status'], 'tiers_setup')


def answers(sandbox):
    """Approve answers the rendered template, every other action nothing."""
    buy(sandbox)
    two = of_level(sandbox, 2)['id']
    one = requests_of(sandbox)[two]
    for action, body in (('assign', {'email': 'op@vendor.example'}), ('unassign', None)):
        same(one(action).post(body), None)
        same(sandbox.vendor.response.status_code, 204)
    fill(sandbox, two, 'R-7')
    answer = approve(sandbox, two, 'tier2')
    same(answer['template']['id'], sandbox.template('tiered', 'tier2', None))
    assert 'R-7' in answer['template']['representation'], answer
    same('status' in answer, False)
    same(one.get()['status'], 'approved')


def approved_wrongly(sandbox):
    """An approval needs a template of the level, a value in each required parameter, and is done once."""
    buy(sandbox)
    two = of_level(sandbox, 2)['id']
    refused(lambda: approve(sandbox, two, 'tier2'), 400)
    fill(sandbox, two)
    text = 'There is no tier configuration request template with such id.'
    refused(lambda: requests_of(sandbox)[two]('approve').post({'template': {'id': '-'}}), 400, 'TC_012', text)
    refused(lambda: approve(sandbox, two, 'tier1'), 400, 'TC_012', text)
    approve(sandbox, two, 'tier2')
    refused(lambda: approve(sandbox, two, 'tier2'), 400, 'TC_006', STATE)


def inquired(sandbox):
    """An inquiry goes to the reseller; while it is open nothing is written or approved."""
    buy(sandbox)
    two = of_level(sandbox, 2)['id']
    fill(sandbox, two, value_error='Which one?')
    same(requests_of(sandbox)[two]('inquire').post(), None)
    same(requests_of(sandbox)[two].get()['status'], 'inquiring')
    refused(lambda: fill(sandbox, two), 400)
    refused(lambda: approve(sandbox, two, 'tier2'), 400, 'TC_006', STATE)
    sandbox.answer(two, reseller_id='R-9')
    again = requests_of(sandbox)[two].get()
    param = param_of(again['params'], 'reseller_id')
    same((again['status'], param['value'], param['value_error']), ('pending', 'R-9', ''))


def pended(sandbox):
    """Vendor and distributor may put an inquiry back, and only an inquiry."""
    buy(sandbox)
    two = of_level(sandbox, 2)['id']
    for account in (sandbox.vendor, sandbox.distributor):
        fill(sandbox, two, value_error='Which one?')
        requests_of(sandbox)[two]('inquire').post()
        pend = account('tier').config_requests[two]('pend').post
        same(pend(), None)
        refused(pend, 400, 'TC_006', STATE)


def failed(sandbox):
    """A setup that fails needs its reason, and fails the purchases that wait for it."""
    order = buy(sandbox)
    two = of_level(sandbox, 2)['id']
    fail = requests_of(sandbox)[two]('fail').post
    refused(lambda: fail({'reason': ''}), 400, 'VAL_001', 'reason: This field may not be blank.')
    same(fail({'reason': 'Unknown reseller.'}), None)
    same(requests_of(sandbox)[two].get()['reason'], 'Unknown reseller.')
    same(of_level(sandbox, 1)['status'], 'failed')
    same(sandbox.vendor.requests[order['id']].get()['status'], 'failed')
    same(sandbox.asset_status(order['asset']['id']), 'terminated')
    refused(lambda: fail({'reason': 'Again.'}), 400, 'TC_006', STATE)


def failed_while_waiting(sandbox):
    """A setup that waits for the reseller, or for the other level, can be failed."""
    buy(sandbox)
    one, two = (of_level(sandbox, level)['id'] for level in (1, 2))
    refused(lambda: fill(sandbox, one), 400)
    fill(sandbox, two, value_error='Which one?')
    requests_of(sandbox)[two]('inquire').post()
    for request, status in ((one, 'tiers_setup'), (two, 'inquiring')):
        same(requests_of(sandbox)[request].get()['status'], status)
        same(requests_of(sandbox)[request]('fail').post({'reason': 'No.'}), None)
        same(requests_of(sandbox)[request].get()['status'], 'failed')


def updated(sandbox):
    """An update of a set up reseller changes its configuration when approved, and nothing when failed."""
    sandbox.subscription(product=sandbox.products['tiered'])
    config = sandbox.vendor('tier').configs.filter(tier_level=1).first()['id']
    before = value_of(sandbox, config)
    body = {'type': 'update', 'configuration': {'id': config}, 'params': [{'id': 'reseller_id', 'value': 'R-50'}]}
    for end, value in (('fail', before), ('approve', 'R-50')):
        made = sandbox.distributor('tier').config_requests.create(body)
        same((made['type'], made['status'], made['configuration']['id']), ('update', 'pending', config))
        if end == 'fail':
            requests_of(sandbox)[made['id']]('fail').post({'reason': 'No.'})
        else:
            approve(sandbox, made['id'], 'tier1')
        same(value_of(sandbox, config), value)
    same(sandbox.vendor('tier').configs[config].get()['status'], 'active')


def value_of(sandbox, config):
    return param_of(sandbox.vendor('tier').configs[config].get()['params'], 'reseller_id')['value']


def found(sandbox):
    """Tier config requests are found by product, status, level, account and environment."""
    buy(sandbox)
    two = of_level(sandbox, 2)
    for filters in (
        {'configuration__product__id__in': [sandbox.products['tiered']], 'status__in': ['pending', 'inquiring']},
        {'configuration__account__id': two['configuration']['account']['id']},
        {'configuration__connection__type__in': ['production'], 'status': 'pending'},
        {'environment': 'production', 'configuration__tier_level': 2},
    ):
        same([one['id'] for one in requests_of(sandbox).filter(**filters)], [two['id']])
    same(requests_of(sandbox).filter(environment='test').count(), 0)


CHECKS = [
    both_levels,
    set_up_once,
    answers,
    approved_wrongly,
    inquired,
    pended,
    failed,
    failed_while_waiting,
    updated,
    found,
]
