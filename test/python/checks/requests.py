"""Fulfillment requests, from the order to their end."""

from datetime import datetime, timedelta, timezone

import requests as http

from .sandbox import param_of, refused, same, until


def purchase_of(sandbox, **asset):
    """A purchase as a distributor's system sends it."""
    return {
        'type': 'purchase',
        'asset': {
            'product': {'id': sandbox.products['plain']},
            'connection': {'id': 'CT-1000-0001'},
            'external_uid': '0b0c7c0e-8d1c-4f1b-9d55-0f8a2f1f3a10',
            'external_id': '10005',
            'items': [{'id': f'{sandbox.products["plain"]}-0001', 'quantity': 5}],
            'params': [{'id': 'admin_email', 'value': 'ada@customer.example'}],
            'tiers': {'customer': {'name': 'Ada & Co', 'external_id': 'C-1'}, 'tier1': {'name': 'Reseller'}},
            **asset,
        },
        'marketplace': {'id': 'MP-10001'},
    }


def placed(sandbox):
    """A purchase is placed as pending, its subscription as processing, with quantities as text."""
    request = sandbox.distributor.requests.create(purchase_of(sandbox))
    same(sandbox.distributor.response.status_code, 201)
    asset = request['asset']
    same((request['type'], request['status'], asset['status']), ('purchase', 'pending', 'processing'))
    same(request['id'], asset['id'].replace('AS', 'PR') + '-001')
    same((asset['external_id'], asset['tiers']['customer']['name']), ('10005', 'Ada & Co'))
    same(sorted(item['quantity'] for item in asset['items']), ['0', '0', '5'])
    same({item['old_quantity'] for item in asset['items']}, {'0'})
    same(param_of(asset['params'], 'admin_email')['phase'], 'ordering')
    same((request['marketplace']['id'], request['contract']['type']), ('MP-10001', 'distribution'))
    assert request['created'].endswith('+00:00') and len(request['created']) == 25, request['created']


def placed_wrongly(sandbox):
    """An order of nothing, of an unknown product, or where it is not sold is refused with 400."""
    create = sandbox.distributor.requests.create
    nothing = purchase_of(sandbox, items=[{'id': f'{sandbox.products["plain"]}-0001', 'quantity': 0}])
    refused(lambda: create(nothing), 400, text='asset.items: This list may not be empty.')
    refused(lambda: create(purchase_of(sandbox, product={'id': 'PRD-999-999-999'})), 400)
    elsewhere = purchase_of(sandbox, connection={'id': 'CT-1000-0003'}) | {'marketplace': {'id': 'MP-10002'}}
    refused(lambda: create(elsewhere), 400, text='There is no Listing for specified Product and Marketplace.')


def approved(sandbox):
    """An approval renders its template into the activation key and makes the subscription active."""
    request = sandbox.order(admin_email='ada@customer.example')
    done = sandbox.approve(request['id'])
    same((done['status'], done['asset']['status']), ('approved', 'active'))
    for value in ('S-1', 'ada@customer.example'):
        assert value in done['activation_key'], done['activation_key']
    same(done['template']['id'], sandbox.template())
    same(sandbox.asset_status(request['asset']['id']), 'active')
    same(sandbox.vendor.requests[request['id']].get()['activation_key'], done['activation_key'])


def approved_by_tile(sandbox):
    """An approval may bring its own text, and the date from which it holds."""
    request = sandbox.order()['id']
    sandbox.save(request, subscription_id='S-1')
    body = {'activation_tile': '# Welcome', 'effective_date': '2026-03-01T00:00:00+00:00'}
    done = sandbox.vendor.requests[request]('approve').post(body)
    same((done['activation_key'], done['effective_date']), ('# Welcome', '2026-03-01T00:00:00+00:00'))


def approved_wrongly(sandbox):
    """An approval needs a template that exists, a value in each required fulfillment parameter, and is done once."""
    request = sandbox.order()['id']
    approve = sandbox.vendor.requests[request]('approve').post
    body = {'template_id': sandbox.template()}
    error = refused(lambda: approve(body), 400)
    assert error.errors[0].startswith('asset.params.subscription_id: '), error.errors
    sandbox.save(request, subscription_id='S-1')
    refused(approve, 400, 'REQ_005')
    refused(lambda: approve({'template_id': '-'}), 400)
    refused(lambda: approve({'template_id': sandbox.template(type='inquire')}), 400)
    approve(body)
    refused(lambda: approve(body), 400, 'REQ_003', 'Only pending and inquiring requests can be approved.')


def failed(sandbox):
    """A failure needs its reason and terminates the subscription of a purchase."""
    request = sandbox.order()
    fail = sandbox.vendor.requests[request['id']]('fail').post
    refused(fail, 400, 'REQ_005', 'Missed fields: reason.')
    done = fail({'reason': 'Out of stock.'})
    same((done['status'], done['reason']), ('failed', 'Out of stock.'))
    same(sandbox.asset_status(request['asset']['id']), 'terminated')
    refused(lambda: fail({'reason': 'Again.'}), 400, 'REQ_003', 'Only pending requests can be failed.')


def saved(sandbox):
    """Of a parameter its value and error can be written, some at a time; nothing else is touched."""
    request = sandbox.order(admin_email='ada@customer.example')['id']
    change = {'id': 'subscription_id', 'value': 'S-1', 'title': 'Mine', 'phase': 'ordering'}
    params = sandbox.vendor.requests[request].update({'asset': {'params': [change]}})['asset']['params']
    param = param_of(params, 'subscription_id')
    same((param['value'], param['phase'], param['title']), ('S-1', 'fulfillment', 'Subscription id'))
    same(param_of(params, 'admin_email')['value'], 'ada@customer.example')
    same(sandbox.vendor.requests[request].update({'note': 'Seen.'})['note'], 'Seen.')


def saved_too_late(sandbox):
    """A request that is decided, or waits for the customer, cannot be written."""
    text = 'Only pending, draft or inquiring Fulfillments with enabled validation capability can be updated.'
    asked, done = (order['id'] for order in sandbox.orders(2))
    inquire(sandbox, asked)
    sandbox.approve(done)
    for request in (asked, done):
        refused(lambda: sandbox.save(request, subscription_id='S-2'), 400, 'REQ_003', text)


def inquire(sandbox, request):
    """Mark the administrator's address as wrong, and ask the customer."""
    mark = {'id': 'admin_email', 'value': 'nobody', 'value_error': 'Enter an address.'}
    sandbox.vendor.requests[request].update({'asset': {'params': [mark]}})
    return sandbox.vendor.requests[request]('inquire').post({'template_id': sandbox.template(type='inquire')})


def inquired(sandbox):
    """An inquiry needs a parameter that is marked; the customer's answer makes the request pending again."""
    request = sandbox.order()['id']
    ask = sandbox.vendor.requests[request]('inquire').post
    body = {'template_id': sandbox.template(type='inquire')}
    text = 'For marking request to inquiring status at least one parameter should be marked as invalid.'
    refused(lambda: ask(body), 400, 'REQ_003', text)
    asked = inquire(sandbox, request)
    same((asked['status'], asked['asset']['status']), ('inquiring', 'processing'))
    same(asked['template']['id'], body['template_id'])
    assert '?code=' in asked['params_form_url'] or '&code=' in asked['params_form_url'], asked['params_form_url']
    refused(lambda: ask(body), 400, 'REQ_003', 'Only pending requests can be moved to inquiring status.')
    sandbox.answer(request, admin_email='ada@customer.example')
    again = sandbox.vendor.requests[request].get()
    same(again['status'], 'pending')
    param = param_of(again['asset']['params'], 'admin_email')
    same((param['value'], param['value_error']), ('ada@customer.example', ''))
    same(sandbox.approve(request)['status'], 'approved')


def answered_by_form(sandbox):
    """The customer's form needs no key but the code of its link."""
    request = sandbox.order()['id']
    url = inquire(sandbox, request)['params_form_url']
    body = {'asset': {'params': [{'id': 'admin_email', 'value': 'ada@customer.example'}]}}
    same(http.post(url.rpartition('=')[0] + '=wrong', json=body).status_code, 401)
    same(http.post(url, json=body).status_code, 200)
    same(sandbox.vendor.requests[request].get()['status'], 'pending')


def limits(sandbox):
    """A value has 2048 characters at most, an error about it 512."""
    one = sandbox.vendor.requests[sandbox.order()['id']]
    for field, longest in (('value', 2048), ('value_error', 512)):
        fits, beyond = ({'params': [{'id': 'subscription_id', field: 'x' * n}]} for n in (longest, longest + 1))
        params = one.update({'asset': fits})['asset']['params']
        same(len(param_of(params, 'subscription_id')[field]), longest)
        refused(lambda: one.update({'asset': beyond}), 400)


def validated(sandbox):
    """A draft is validated: what is missing comes back marked."""
    draft = sandbox.order(draft=True, admin_email='')['id']
    answer = sandbox.distributor.requests[draft]('validate').post({'asset': {'params': []}})
    assert param_of(answer['asset']['params'], 'admin_email')['value_error'], answer['asset']['params']
    same(sandbox.distributor.requests[draft].get()['status'], 'draft')


def pended(sandbox):
    """Vendor and distributor may put an inquiry back, and only an inquiry."""
    for account in (sandbox.vendor, sandbox.distributor):
        request = sandbox.order()['id']
        inquire(sandbox, request)
        same(account.requests[request]('pend').post()['status'], 'pending')
        refused(account.requests[request]('pend').post, 400, 'REQ_003')


def decided_while_inquiring(sandbox):
    """A request that waits for the customer can be approved, but not failed."""
    request = sandbox.order()['id']
    sandbox.save(request, subscription_id='S-1')
    inquire(sandbox, request)
    fail = sandbox.vendor.requests[request]('fail').post
    refused(lambda: fail({'reason': 'No.'}), 400, 'REQ_003', 'Only pending requests can be failed.')
    done = sandbox.vendor.requests[request]('approve').post({'template_id': sandbox.template()})
    same((done['status'], done['asset']['status']), ('approved', 'active'))


def asked_by_connect(sandbox):
    """A purchase without a required ordering parameter begins as inquiring."""
    request = sandbox.order(admin_email='')
    same(request['status'], 'inquiring')
    sandbox.answer(request['id'], admin_email='ada@customer.example')
    same(sandbox.vendor.requests[request['id']].get()['status'], 'pending')


def drafted(sandbox):
    """A draft becomes an order when it is purchased."""
    draft = sandbox.distributor.requests.create(purchase_of(sandbox) | {'status': 'draft'})
    same((draft['status'], draft['asset']['status']), ('draft', 'draft'))
    refused(lambda: sandbox.vendor.requests[draft['id']]('approve').post({'template_id': sandbox.template()}), 400)
    bought = sandbox.distributor.requests[draft['id']]('purchase').post()
    same((bought['status'], bought['asset']['status']), ('pending', 'processing'))


def scheduled(sandbox):
    """A scheduled request comes back by itself when its date has come."""
    request = sandbox.order()['id']
    date = (datetime.now(timezone.utc) + timedelta(seconds=1)).isoformat(timespec='seconds')
    done = sandbox.vendor.requests[request]('schedule').post({'planned_date': date})
    same((done['status'], done['planned_date'], done['asset']['status']), ('scheduled', date, 'processing'))
    until(lambda: sandbox.vendor.requests[request].get()['status'], 'pending')


def revoked(sandbox):
    """What is scheduled can be revoked by the distributor, which the vendor confirms."""
    request = sandbox.order()['id']
    vendor, distributor = sandbox.vendor.requests[request], sandbox.distributor.requests[request]
    refused(lambda: distributor('revoke').post({'reason': 'No longer.'}), 400)
    vendor('schedule').post({'planned_date': '2099-01-01T00:00:00+00:00'})
    same(distributor('revoke').post({'reason': 'No longer.'})['status'], 'revoking')
    same(vendor('confirm').post()['status'], 'revoked')


def assigned(sandbox):
    """A request is assigned to a person, by id or address, and given back."""
    one = sandbox.vendor.requests[sandbox.order()['id']]
    same(one('assign').post({'email': 'op@vendor.example'})['assignee']['email'], 'op@vendor.example')
    same(one('assign').post({'id': 'UR-201-330-118'})['assignee']['id'], 'UR-201-330-118')
    assert not one('unassign').post()['assignee']


def talked_about(sandbox):
    """A request has a conversation, to which messages are added."""
    request = sandbox.order()['id']
    conversation = sandbox.vendor.conversations.filter(instance_id=request).first()
    same((conversation['instance_id'], conversation['status']), (request, 'open'))
    messages = sandbox.vendor.conversations[conversation['id']].messages
    before = messages.all().count()
    made = messages.create({'text': 'The tenant is being made.', 'type': 'message'})
    same(
        (sandbox.vendor.response.status_code, made['text'], made['type']), (201, 'The tenant is being made.', 'message')
    )
    same(messages.create({'text': 'Its type has a default.'})['type'], 'message')
    same([one['text'] for one in messages.all()][before:], ['The tenant is being made.', 'Its type has a default.'])
    refused(lambda: sandbox.vendor.conversations.create({'instance_id': request}), 404)


CHECKS = [
    placed,
    placed_wrongly,
    approved,
    approved_by_tile,
    approved_wrongly,
    failed,
    saved,
    saved_too_late,
    limits,
    inquired,
    answered_by_form,
    pended,
    decided_while_inquiring,
    asked_by_connect,
    drafted,
    validated,
    scheduled,
    revoked,
    assigned,
    talked_about,
]
