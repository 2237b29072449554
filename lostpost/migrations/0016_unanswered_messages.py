from django.db import migrations, models

# Whose last message came after the shop's last one has been waiting since then.
FILL = """
    UPDATE lostpost_customerquery query
       SET unanswered_since = said.received_at
      FROM (
            SELECT seller_id, query_id,
                   max(at) FILTER (WHERE kind = 'message.received') AS received_at,
                   max(at) FILTER (WHERE kind = 'message.sent') AS sent_at
              FROM lostpost_timelineentry
             WHERE kind IN ('message.received', 'message.sent')
             GROUP BY seller_id, query_id
           ) said
     WHERE said.seller_id = query.seller_id AND said.query_id = query.id AND query.state <> 'handled'
       AND said.received_at > coalesce(said.sent_at, '-infinity')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lostpost", "0015_refunds_looked_at_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="customerquery",
            name="unanswered_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(
                condition=models.Q(("state", "open"), ("unanswered_since__isnull", False)),
                fields=["seller", "unanswered_since", "id"],
                name="customer_query_unanswered",
            ),
        ),
    ]
