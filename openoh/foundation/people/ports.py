"""What a later package does when people are merged and parted, in the same transaction."""

from __future__ import annotations

from uuid import UUID

from openoh.foundation.core.ports import Port

close_accounts: Port[[UUID], None] = Port("close the accounts of somebody who was found to be another person")
reopen_accounts: Port[[UUID], None] = Port("give somebody who was parted again their own account back")
