"""The pages of a seller, and the customer's link."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from lostpost.portal import (
    answer_templates,
    answers,
    api_clients,
    attachments,
    contact,
    customer_link,
    declarations,
    finance,
    found_parcels,
    home,
    incoming_mail,
    invoices,
    notices,
    orders,
    partnerservice,
    people,
    queries,
    query_actions,
    query_list,
    query_moves,
    radar,
    saved_views,
    self_check,
    shops,
    statement,
    webhooks,
    write_off_batches,
    write_offs,
)
from lostpost.web import converters  # noqa: F401  Registering is what importing does.

app_name = "portal"

SHOP = "shops/<name:seller>/"
WEBHOOK = SHOP + "webhooks/<name:webhook>/"
FINANCE = SHOP + "finance/"
INVOICE = FINANCE + "invoices/<document:number>/"
ORDER = SHOP + "orders/<name:order_number>/"
TOGETHER = SHOP + "customer-queries/write-off/"
ACTIONS = SHOP + "customer-queries/actions/"
BATCHES = SHOP + "write-off-batches/"
QUERY = SHOP + "customer-queries/<digits:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", shops.shops_page, name="shops"),
    path("c/", customer_link.customer_page, name="customer-page"),
    path("c/<slug:token>", customer_link.open_link, name="customer-link"),
    path(SHOP, home.home, name="home"),
    path(SHOP + "people/", people.people, name="people"),
    path(SHOP + "people/leave/", people.leave_shop, name="leave-shop"),
    path(SHOP + "notices/", notices.notices, name="notices"),
    path("notices/stop/<str:key>/", notices.stop_notices_page, name="stop-notices"),
    path(SHOP + "api-clients/", api_clients.api_clients, name="api-clients"),
    path(SHOP + "webhooks/", webhooks.webhooks, name="webhooks"),
    path(WEBHOOK, webhooks.webhook, name="webhook"),
    path(WEBHOOK + "remove/", webhooks.remove_webhook_page, name="webhook-remove"),
    path(FINANCE + "invoices/", invoices.invoices_page, name="invoices"),
    path(FINANCE + "invoices/coming/", invoices.interim_invoice, name="coming-invoice"),
    path(FINANCE + "invoices/coming/file/", invoices.interim_invoice_file, name="coming-invoice-file"),
    path(INVOICE, invoices.invoice, name="invoice"),
    path(INVOICE + "file/", invoices.invoice_file, name="invoice-file"),
    path(FINANCE + "statement/", statement.statement_page, name="statement"),
    path(FINANCE + "refunds/", finance.refunds_page, name="shop-refunds"),
    path(FINANCE + "credit-notes/", finance.credit_notes_page, name="credit-notes"),
    path(FINANCE + "credit-notes/<document:number>/file/", finance.credit_note_file, name="credit-note-file"),
    path(FINANCE + "self-check/", self_check.self_check_page, name="self-check"),
    path(SHOP + "silent-parcels/", radar.silent_parcels_page, name="radar"),
    path(SHOP + "silent-parcels/file/", radar.silent_parcels_file, name="radar-file"),
    path(SHOP + "orders/", orders.orders_page, name="orders"),
    path(ORDER, orders.order, name="order"),
    path(SHOP + "contact/", contact.find_order, name="find-order"),
    path(ORDER + "contact/", contact.contact_page, name="start-contact"),
    path(ORDER + "contact/draft/", contact.keep_contact_draft, name="contact-draft"),
    path(SHOP + "answer-templates/", answer_templates.answer_templates, name="answer-templates"),
    path(SHOP + "answer-templates/<uuid:template>/", answer_templates.answer_template, name="answer-template"),
    path(SHOP + "customer-queries/", query_list.customer_queries, name="customer-queries"),
    path(SHOP + "customer-queries/new/", query_list.new_customer_queries, name="new-customer-queries"),
    path(SHOP + "customer-queries/file/", query_list.customer_queries_file, name="customer-queries-file"),
    path(TOGETHER, write_off_batches.choose_orders, name="write-off-together"),
    path(TOGETHER + "confirm/", write_off_batches.confirm_batch, name="write-off-together-confirm"),
    path(ACTIONS, query_actions.choose_action, name="query-actions"),
    path(ACTIONS + "confirm/", query_actions.confirm_action, name="query-actions-confirm"),
    path(ACTIONS + "<uuid:run>/", query_actions.action_page, name="query-action"),
    path(BATCHES, write_off_batches.batches_page, name="write-off-batches"),
    path(BATCHES + "<uuid:batch>/", write_off_batches.batch_page, name="write-off-batch"),
    path(BATCHES + "<uuid:batch>/approve/", write_off_batches.approve_batch_page, name="write-off-batch-approve"),
    path(BATCHES + "<uuid:batch>/stop/", write_off_batches.cancel_batch_page, name="write-off-batch-stop"),
    path(SHOP + "customer-queries/views/", saved_views.keep_list_view, name="view-keep"),
    path(SHOP + "customer-queries/views/<uuid:view>/remove/", saved_views.remove_list_view, name="view-remove"),
    path(QUERY, queries.customer_query, name="customer-query"),
    path(QUERY + "answer/", answers.answer_customer_query, name="query-answer"),
    path(QUERY + "undo/", answers.undo_held_answer, name="query-undo"),
    path(QUERY + "draft/", answers.keep_draft, name="query-draft"),
    path(QUERY + "attachments/<uuid:attachment>/", attachments.attachment_file, name="attachment"),
    path(QUERY + "declaration/", declarations.ask_for_declaration_of_parcel, name="query-declaration"),
    path(QUERY + "declarations/<uuid:declaration>/", declarations.declaration_file, name="declaration"),
    path(QUERY + "send-again/", answers.send_again, name="query-send-again"),
    path(QUERY + "mail/<uuid:incoming>/", incoming_mail.whole_mail, name="whole-mail"),
    path(QUERY + "revoke-link/", query_moves.revoke_customer_link, name="query-revoke-link"),
    path(QUERY + "note/", queries.add_note_to_query, name="query-note"),
    path(QUERY + "close/", queries.close_customer_query, name="query-close"),
    path(QUERY + "reopen/", queries.reopen_customer_query, name="query-reopen"),
    path(QUERY + "put-aside/", query_moves.put_customer_query_aside, name="query-put-aside"),
    path(QUERY + "hand-over/", query_moves.hand_customer_query_over, name="query-hand-over"),
    path(QUERY + "assign/", query_moves.assign_customer_query, name="query-assign"),
    path(QUERY + "write-off/", write_offs.write_off_page, name="write-off"),
    path(QUERY + "write-off/check/", write_offs.check_write_off, name="write-off-check"),
    path(QUERY + "write-off/confirm/", write_offs.confirm_write_off, name="write-off-confirm"),
    path(QUERY + "came-back/", found_parcels.came_back, name="parcel-came-back"),
    path(SHOP + "found-parcels/<name:case>/", found_parcels.found_parcel, name="found-parcel"),
    path(SHOP + "found-parcels/<name:case>/withdraw-question/", found_parcels.withdraw, name="withdraw-found-question"),
    path(QUERY + "ask-partnerservice/", partnerservice.ask, name="ask-partnerservice"),
    path(QUERY + "ask-about-query/", partnerservice.ask_about, name="ask-about-query"),
    path(QUERY + "appeal/", partnerservice.appeal, name="appeal-hold"),
    path(QUERY + "reply-to-partnerservice/", partnerservice.reply, name="reply-to-partnerservice"),
]
