"""The second factor: codes of an authenticator app (TOTP, RFC 6238), each good once."""

from datetime import datetime

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weerklank.identity.model import Credential, StaffSession
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.keys import Keyring

STEP_SECONDS = 30
DRIFT_STEPS = 1  # a clock that runs half a minute off is forgiven


def has_second_factor(credential: Credential) -> bool:
    """Whether a code is asked for."""
    return credential.totp_confirmed_at is not None


def begin_enrolment(session: Session, keyring: Keyring, staff_session: StaffSession, organisation: str) -> str:
    """A fresh secret, as the address an authenticator app reads; it counts once a code confirmed it.

    Refused while there is a confirmed one: that must be taken away first, with a code.
    """
    credential = _credential(session, staff_session)
    if has_second_factor(credential):
        raise Refused("second_factor_there")
    secret = pyotp.random_base32()
    sealer = keyring.for_tenant(credential.tenant_id)
    credential.totp_secret = sealer.seal(secret, table="credential", column="totp_secret", row=credential.person_id)
    session.flush()
    return pyotp.TOTP(secret).provisioning_uri(name=organisation, issuer_name="Weerklank")


def confirm_enrolment(
    session: Session, keyring: Keyring, staff_session: StaffSession, code: str, now: datetime
) -> None:
    """From now on a code is asked for. Refused when this one is wrong."""
    credential = _credential(session, staff_session)
    if credential.totp_secret is None or not check_code(session, keyring, credential, code, now):
        raise Refused("code_wrong")
    credential.totp_confirmed_at = now
    staff_session.second_factor = True
    session.flush()


def remove_second_factor(
    session: Session, keyring: Keyring, staff_session: StaffSession, code: str, now: datetime
) -> None:
    """No code is asked for any more. Refused without a right code."""
    credential = _credential(session, staff_session)
    if not has_second_factor(credential) or not check_code(session, keyring, credential, code, now):
        raise Refused("code_wrong")
    forget_second_factor(credential)
    staff_session.second_factor = False
    session.flush()


def forget_second_factor(credential: Credential) -> None:
    """For somebody who lost the app, after an admin has made sure who asks."""
    credential.totp_secret = credential.totp_confirmed_at = None


def check_code(session: Session, keyring: Keyring, credential: Credential, code: str, now: datetime) -> bool:
    """Whether this code is right now, and was not used before; of many at once one gets through."""
    if credential.totp_secret is None:
        return False
    sealer = keyring.for_tenant(credential.tenant_id)
    secret = str(
        sealer.unseal(credential.totp_secret, table="credential", column="totp_secret", row=credential.person_id)
    )
    step = _step_of(secret, code.replace(" ", ""), now)
    if step is None:
        return False
    used = (
        update(Credential)
        .where(Credential.person_id == credential.person_id, Credential.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Credential.person_id)
    )
    return session.scalar(used) is not None


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Which step near now this code belongs to."""
    current = int(now.timestamp()) // STEP_SECONDS
    otp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    steps = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(otp.generate_otp(step), code)), None)


def _credential(session: Session, staff_session: StaffSession) -> Credential:
    credential = session.scalar(select(Credential).where(Credential.person_id == staff_session.person_id))
    if credential is None:
        raise NotFound("credential")
    return credential
