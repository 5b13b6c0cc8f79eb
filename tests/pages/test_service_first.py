import pytest, time
from django.test import Client
from openoh.population.measures.publishing import publish
@pytest.mark.django_db
def test_all(world):
    publish()
    for who, paths in (("sam", ["/service","/service/waits","/service/measures","/service/measures/attendance","/service/measures/absence-rate","/service/benchmarks","/service/matching","/service/administration","/service/administration/roles","/service/administration/cover","/service/administration/content","/service/audit"]),("bo",["/insight","/insight/measures/attendance"])):
        c = Client(SERVER_NAME="localhost"); c.force_login(world.users[who]); s=c.session
        s["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]; s.save()
        for p in paths:
            r = c.get(p); print(p, r.status_code); assert r.status_code == 200, p
