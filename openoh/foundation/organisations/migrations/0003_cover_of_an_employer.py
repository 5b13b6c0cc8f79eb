import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0002_contracts_cover_content"),
    ]

    operations = [
        migrations.AddField(
            model_name="riskcover",
            name="employer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.employer",
            ),
        ),
    ]
