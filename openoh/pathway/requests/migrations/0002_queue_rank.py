import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_initial"),
        ("people", "0001_initial"),
        ("requests", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="helprequest",
            name="queue_rank",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        state="sent",
                        then=models.Case(
                            models.When(then=models.Value(0), urgency="urgent"),
                            models.When(then=models.Value(1), urgency="soon"),
                            models.When(then=models.Value(2), urgency="routine"),
                            default=models.Value(3),
                        ),
                    ),
                    models.When(
                        state="asked",
                        then=django.db.models.expressions.CombinedExpression(
                            models.Case(
                                models.When(then=models.Value(0), urgency="urgent"),
                                models.When(then=models.Value(1), urgency="soon"),
                                models.When(then=models.Value(2), urgency="routine"),
                                default=models.Value(3),
                            ),
                            "+",
                            models.Value(10),
                        ),
                    ),
                ),
                null=True,
                output_field=models.SmallIntegerField(null=True),
            ),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("queue_rank__isnull", False)),
                fields=["provider", "queue_rank", "sent_at", "id"],
                name="waiting_requests",
            ),
        ),
    ]
