"""Subscriptions, and the requests that change or end them."""

from .sandbox import param_of, refused, same


def seats(items):
    item = next(item for item in items if item['mpn'] == 'SEAT')
    return item['old_quantity'], item['quantity']


def order(sandbox, asset, type, **more):
    return sandbox.distributor.requests.create({'type': type, 'asset': {'id': asset, **more}})


def changed(sandbox):
    """A change shows the old quantity beside the new one, and hands over when it is approved."""
    asset = sandbox.subscription(quantity=5)
    request = order(sandbox, asset, 'change', items=[{'mpn': 'SEAT', 'quantity': 7}])
    same((request['status'], request['id'][-3:], seats(request['asset']['items'])), ('pending', '002', ('5', '7')))
    same(seats(sandbox.vendor.assets[asset].get()['items'])[1], '5')
    same(sandbox.approve(request['id'])['asset']['status'], 'active')
    same(seats(sandbox.vendor.assets[asset].get()['items'])[1], '7')
    text = 'asset.items: Item quantities are not changed.'
    refused(lambda: order(sandbox, asset, 'change', items=[{'mpn': 'SEAT', 'quantity': 7}]), 400, text=text)


def change_failed(sandbox):
    """A change that fails leaves the subscription as it was."""
    asset = sandbox.subscription(quantity=5)
    request = order(sandbox, asset, 'change', items=[{'mpn': 'SEAT', 'quantity': 7}])
    sandbox.vendor.requests[request['id']]('fail').post({'reason': 'Too many.'})
    same((sandbox.asset_status(asset), seats(sandbox.vendor.assets[asset].get()['items'])[1]), ('active', '5'))


def held(sandbox):
    """Suspend and resume take effect with their approval; where they fail nothing changes."""
    asset = sandbox.subscription()
    for type, before, after in (('suspend', 'active', 'suspended'), ('resume', 'suspended', 'active')):
        request = order(sandbox, asset, type)
        same(sandbox.asset_status(asset), before)
        sandbox.vendor.requests[request['id']]('fail').post({'reason': 'Not now.'})
        same(sandbox.asset_status(asset), before)
        sandbox.approve(order(sandbox, asset, type)['id'])
        same(sandbox.asset_status(asset), after)


def cancelled(sandbox):
    """A cancel makes the subscription terminating at once, active again where it fails, terminated where approved."""
    asset = sandbox.subscription()
    request = order(sandbox, asset, 'cancel')
    same((request['status'], sandbox.asset_status(asset)), ('pending', 'terminating'))
    sandbox.vendor.requests[request['id']]('fail').post({'reason': 'Unpaid.'})
    same(sandbox.asset_status(asset), 'active')
    same(sandbox.approve(order(sandbox, asset, 'cancel')['id'])['asset']['status'], 'terminated')
    refused(lambda: order(sandbox, asset, 'change', items=[{'mpn': 'SEAT', 'quantity': 9}]), 409)


def one_at_a_time(sandbox):
    """A second open request for a subscription is refused with 409, and told what is open."""
    asset = sandbox.subscription()
    order(sandbox, asset, 'change', items=[{'mpn': 'SEAT', 'quantity': 9}])
    error = refused(lambda: order(sandbox, asset, 'cancel'), 409)
    params = error.additional_info['params']
    same((params['request_status'], params['asset_status']), ('pending', 'active'))
    same(sandbox.asset_status(asset), 'active')


def adjusted_beside_a_change(sandbox):
    """A vendor's adjustment may stand beside a change; each hands over what it is about."""
    asset = sandbox.subscription(quantity=5)
    change = order(sandbox, asset, 'change', items=[{'mpn': 'SEAT', 'quantity': 7}])['id']
    params = [{'id': 'subscription_id', 'value': 'S-9'}]
    body = {'type': 'adjustment', 'asset': {'id': asset, 'params': params}}
    adjustment = sandbox.vendor.requests.create(body)['id']
    refused(lambda: sandbox.vendor.requests.create(body), 409)
    for request in (adjustment, change):
        sandbox.vendor.requests[request]('approve').post({'template_id': sandbox.template()})
    after = sandbox.vendor.assets[asset].get()
    same((after['status'], seats(after['items'])[1]), ('active', '7'))
    same(param_of(after['params'], 'subscription_id')['value'], 'S-9')


def linked(sandbox):
    """A request names the one that was approved before it."""
    asset = sandbox.subscription()
    request = order(sandbox, asset, 'suspend')
    same(request['previous_approved_request']['id'], asset.replace('AS', 'PR') + '-001')


def bought_twice(sandbox):
    """The same purchase sent twice is refused with 409, and told of the first."""
    uid = '5c1f9d3a-0000-4000-8000-000000000001'
    items = [{'mpn': 'SEAT', 'quantity': 1}]
    params = [{'id': 'admin_email', 'value': 'ada@customer.example'}]
    asset = {'product': {'id': sandbox.products['plain']}, 'external_uid': uid, 'items': items, 'params': params}
    first = sandbox.distributor.requests.create({'type': 'purchase', 'asset': asset})
    error = refused(lambda: sandbox.distributor.requests.create({'type': 'purchase', 'asset': asset}), 409)
    params = error.additional_info['params']
    same((params['request_id'], params['asset_id']), (first['id'], first['asset']['id']))
    same((params['request_status'], params['asset_status']), ('pending', 'processing'))
    for key in ('template', 'params_form_url', 'fail_message'):
        assert key in params, params


def wrong_state(sandbox):
    """A request that a subscription's state does not allow is refused with 409."""
    suspended = sandbox.subscription(status='suspended')
    change = [{'mpn': 'SEAT', 'quantity': 9}]
    text = 'Request type change is not allowed when asset state is suspended'
    refused(lambda: order(sandbox, suspended, 'change', items=change), 409, text=text)
    refused(lambda: order(sandbox, suspended, 'suspend'), 409)
    refused(lambda: order(sandbox, sandbox.subscription(), 'resume'), 409)


def history(sandbox):
    """A subscription lists its requests, and cannot be written itself."""
    asset = sandbox.subscription()
    sandbox.approve(order(sandbox, asset, 'suspend')['id'])
    chain = list(sandbox.vendor.assets[asset].requests.all())
    same(sorted((one['type'], one['status']) for one in chain), [('purchase', 'approved'), ('suspend', 'approved')])
    refused(lambda: sandbox.vendor.assets[asset].update({'status': 'terminated'}), 404)
    same(sandbox.asset_status(asset), 'suspended')


def found(sandbox):
    """Subscriptions are found by product, status and the value of a parameter."""
    asset = sandbox.subscription()
    sandbox.subscription()
    params = sandbox.vendor.assets[asset].get()['params']
    tenant = next(param['value'] for param in params if param['id'] == 'subscription_id')
    of_tenant = sandbox.vendor.assets.filter(params__id='subscription_id', params__value=tenant, status='active')
    same([one['id'] for one in of_tenant], [asset])
    same(sandbox.vendor.assets.filter(product__id=sandbox.products['plain'], status='active').count(), 2)


CHECKS = [
    changed,
    change_failed,
    held,
    cancelled,
    one_at_a_time,
    adjusted_beside_a_change,
    linked,
    bought_twice,
    wrong_state,
    history,
    found,
]
