"""Every refusal of the rooms of organisations and people, in words for who asked."""

from flask_babel import lazy_gettext

OF_ORGANISATIONS_AND_PEOPLE = {
    # organisations
    "terms_not_accepted": lazy_gettext("You can only sign up if you agree to the terms."),
    "address_needed": lazy_gettext("Fill in a postal address of at most 500 characters."),
    "organisation_name_needed": lazy_gettext("Fill in a name of at most %(most)s characters."),
    "prefix_wrong": lazy_gettext("Use two to eight letters, such as ABC."),
    "slug_wrong": lazy_gettext("Use at most %(most)s small letters, digits and single dashes; begin with a letter."),
    "slug_reserved": lazy_gettext("The platform needs this name itself. Choose another one."),
    "slug_taken": lazy_gettext("Another organisation has this name. Choose another one."),
    "unknown_template": lazy_gettext("Choose one of the procedures."),
    "email_not_verified": lazy_gettext("The organisation has not confirmed its e-mail address yet."),
    "not_in_this_state": lazy_gettext("This cannot be done as the organisation stands now. Load the page again."),
    "not_a_colour": lazy_gettext("This is not a colour. Write it as # with six digits or letters a to f."),
    "too_little_contrast": lazy_gettext(
        "%(foreground)s cannot be seen well on %(background)s: contrast %(found)s to 1, at least %(least)s is needed."
        " %(better)s would do."
    ),
    "not_a_choice": lazy_gettext("Choose one of these."),
    "logo_too_heavy": lazy_gettext(
        "This logo is too heavy: at most %(most)s kB, so that a page opens at once on a slow telephone too. Save it as"
        " plain SVG, or as a PNG of 200 pixels wide."
    ),
    "logo_too_large": lazy_gettext("This logo is too large: at most %(most)s pixels along each side."),
    "logo_unknown": lazy_gettext("This is neither a PNG nor an SVG picture."),
    "logo_not_plain": lazy_gettext("This SVG holds more than plain shapes and text. Save it as plain SVG, or as PNG."),
    "statement_changed": lazy_gettext(
        "Somebody saved another text meanwhile: it is the newest version below. Save again to put yours in its place."
    ),
    "statement_same": lazy_gettext("This is just what stands there already."),
    "words_too_many": lazy_gettext("This is too long: at most %(most)s characters."),
    "host_wrong": lazy_gettext(
        "This is not a host name. Write it such as klachten.example.nl, without https:// before it."
    ),
    "host_of_platform": lazy_gettext("This name belongs to the platform itself. Choose one of your own."),
    "host_taken": lazy_gettext("This name already leads to another organisation."),
    "too_many_hosts": lazy_gettext("There can be at most %(most)s names. Do without another one first."),
    # policies
    "policy_wrong": lazy_gettext("There are mistakes in this procedure."),
    "policy_open": lazy_gettext("There are still questions to answer before this procedure can be live."),
    "posts_vacant": lazy_gettext("The procedure cannot do without somebody in this post: %(posts)s."),
    "policy_in_past": lazy_gettext("Choose today or a later day, not before the day of the newest version."),
    "policy_same": lazy_gettext("The newest version already says exactly this."),
    "tenant_suspended": lazy_gettext(
        "A procedure cannot be published now: the organisation is suspended or has ended."
    ),
    # people
    "name_needed": lazy_gettext("Fill in a name of at most %(most)s characters."),
    "not_an_email": lazy_gettext("This is not an e-mail address. Check it, such as name@example.nl."),
    "not_a_telephone": lazy_gettext("This is not a telephone number. Write it such as 010 123 45 67."),
    "email_taken": lazy_gettext("Somebody here already has this e-mail address."),
    "email_needed": lazy_gettext("An e-mail address is needed for this."),
    "own_relative": lazy_gettext("Nobody is family of himself."),
    "chart_circle": lazy_gettext("This person stands below, so cannot stand above too."),
    "unknown_post": lazy_gettext("The procedure does not know this post."),
    "must_be_external": lazy_gettext("%(post)s must be somebody from outside the organisation (%(clause)s)."),
    "must_be_employed": lazy_gettext("%(post)s must be somebody who works at the organisation (%(clause)s)."),
    "already_holds": lazy_gettext("This person already is %(post)s."),
    "seats_taken": lazy_gettext("There can be no more than %(seats)s at once as %(post)s. End another one first."),
    "own_deputy": lazy_gettext("Choose somebody else: you are away yourself."),
    "deputy_not_employed": lazy_gettext("This colleague does not work here then. Choose somebody else."),
    "deputy_away": lazy_gettext("This colleague is away then too. Choose somebody else."),
    "ends_before_it_begins": lazy_gettext("The last day lies before the first."),
    "last_admin": lazy_gettext("This is the last administrator. Make somebody else administrator first."),
    # ways in
    "password_too_short": lazy_gettext("Choose a password of at least %(least)s characters."),
    "password_too_long": lazy_gettext("Choose a password of at most %(most)s characters."),
    "password_too_common": lazy_gettext("This password is easy to guess. Take for instance three or four loose words."),
    "password_wrong": lazy_gettext("This is not your password."),
    "passphrase_short": lazy_gettext("Choose a passphrase of at least %(least)s characters."),
    "export_open": lazy_gettext("An export was asked for already. Stop it first, or wait for it."),
    "link_spent": lazy_gettext("This link was used before or is too old. Ask for a new one."),
    "second_factor_there": lazy_gettext("There already is an app. Remove it first."),
    "code_wrong": lazy_gettext("This code is not right. Take the newest one that your app shows."),
    "not_a_username": lazy_gettext("Use three to forty small letters, digits, dots and dashes; not an address."),
    "username_taken": lazy_gettext("Somebody has this user name. Choose another one."),
    "reason_needed": lazy_gettext("Give a reason."),
}
