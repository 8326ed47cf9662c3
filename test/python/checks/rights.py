"""What each account may do."""

from .sandbox import refused, same


def vendors_actions(sandbox):
    """The distributor may not approve, fail, inquire or schedule a request."""
    request = sandbox.order()['id']
    for action in ('approve', 'fail', 'inquire', 'schedule', 'confirm'):
        refused(sandbox.distributor.requests[request](action).post, 403)
    same(sandbox.distributor.requests[request].get()['status'], 'pending')


def distributors_actions(sandbox):
    """The vendor may not order, nor revoke what is scheduled, but he may adjust."""
    asset = sandbox.subscription()
    refused(lambda: sandbox.vendor.requests.create({'type': 'cancel', 'asset': {'id': asset}}), 403)
    refused(lambda: sandbox.distributor.requests.create({'type': 'adjustment', 'asset': {'id': asset}}), 403)
    params = [{'id': 'subscription_id', 'value': 'S-2'}]
    made = sandbox.vendor.requests.create({'type': 'adjustment', 'asset': {'id': asset, 'params': params}})
    same((made['type'], made['status']), ('adjustment', 'pending'))
    refused(lambda: sandbox.vendor.requests[made['id']]('revoke').post({'reason': 'No.'}), 403)
    done = sandbox.vendor.requests[made['id']]('approve').post({'template_id': sandbox.template()})
    same((done['status'], sandbox.asset_status(asset)), ('approved', 'active'))
    value = next(p['value'] for p in sandbox.vendor.assets[asset].get()['params'] if p['id'] == 'subscription_id')
    same(value, 'S-2')


def tier_actions(sandbox):
    """The distributor may not approve a tier config request, but he may fail it."""
    sandbox.order(product=sandbox.products['tiered'])
    pending = sandbox.distributor('tier').config_requests.filter(status='pending').first()['id']
    one = sandbox.distributor('tier').config_requests[pending]
    refused(one('approve').post, 403)
    refused(one('inquire').post, 403)
    same(one('fail').post({'reason': 'Wrong reseller.'}), None)
    same(one.get()['status'], 'failed')


CHECKS = [vendors_actions, distributors_actions, tier_actions]
