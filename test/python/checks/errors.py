"""Errors, and what the client's own repeats run into."""

from .sandbox import refused, same


def unknown_ids(sandbox):
    """What does not exist is 404 in the standard body."""
    vendor = sandbox.vendor
    for read in (
        vendor.requests['PR-0000-0000-0000-001'].get,
        vendor.assets['AS-0000-0000-0000'].get,
        vendor.products['PRD-999-999-999'].get,
        vendor('tier').config_requests['TCR-000-000-000-001'].get,
        vendor('usage').files['UF-2026-01-0000-0000'].get,
        vendor.requests['PR-0000-0000-0000-001']('approve').post,
    ):
        refused(read, 404)
    refused(lambda: vendor.create('tier/configrequests', {}), 404)


def existence(sandbox):
    """Whether something exists can be asked."""
    known = sandbox.order()['id']
    same(sandbox.vendor.requests[known].exists(), True)
    same(sandbox.vendor.requests['PR-0000-0000-0000-001'].exists(), False)


def bad_keys(sandbox):
    """A wrong key, and one without its prefix, is 401."""
    for key in ('ApiKey SU-000-000-001:wrong', sandbox.vendor_key.removeprefix('ApiKey '), ''):
        refused(sandbox.client(key).requests.all().first, 401, 'AUTH_001', 'API request is unauthorized.')


def fields_in_texts(sandbox):
    """A text about a field begins with its name."""
    request = sandbox.order()['id']
    approve = sandbox.vendor.requests[request]('approve').post
    sandbox.save(request, subscription_id='S-1')
    body = {'template_id': sandbox.template(), 'effective_date': 'tomorrow'}
    formats = 'YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]'
    text = f'effective_date: Datetime has wrong format. Use one of these formats instead: {formats}.'
    refused(lambda: approve(body), 400, 'VAL_001', text)


def trailing_slash(sandbox):
    """A path may end in a slash."""
    request = sandbox.order()['id']
    same(sandbox.vendor.get(f'requests/{request}/')['id'], request)
    failed = sandbox.vendor.create(f'requests/{request}/fail/', {'reason': 'Out of stock.'})
    same(failed['status'], 'failed')


def outage(sandbox):
    """The client repeats a call that was answered 503, and it is done once."""
    request = sandbox.order()['id']
    fault = {'api': 'connect', 'method': 'POST', 'path': f'/requests/{request}/fail', 'status': 503, 'times': 1}
    sandbox.control('POST', 'faults', fault)
    same(sandbox.vendor.requests[request]('fail').post({'reason': 'Out of stock.'})['status'], 'failed')
    same(sandbox.control('GET', 'counters')['effects'][request]['fail'], 1)


def lost_answer(sandbox):
    """A repeat after a lost answer meets what the first attempt did."""
    request = sandbox.order()['id']
    fault = {'api': 'connect', 'method': 'POST', 'path': f'/requests/{request}/approve', 'reset': 'after', 'times': 1}
    sandbox.control('POST', 'faults', fault)
    text = 'Only pending and inquiring requests can be approved.'
    refused(lambda: sandbox.approve(request), 400, 'REQ_003', text)
    same(sandbox.vendor.requests[request].get()['status'], 'approved')


CHECKS = [unknown_ids, existence, bad_keys, fields_in_texts, trailing_slash, outage, lost_answer]
