"""Refusals of the network."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Rejected


class OrganizationNotFound(NotFound):
    """No such organization, or none of the caller's business."""

    code = "network.organization_not_found"
    title = "There is no such organization"


class MemberNotFound(NotFound):
    """No such member of the caller's organization."""

    code = "network.member_not_found"
    title = "There is no such member"


class AddressNotFound(NotFound):
    """No such address of the caller's organization."""

    code = "network.address_not_found"
    title = "There is no such address"


class TerritoryNotFound(NotFound):
    """No such territory that the caller may know of."""

    code = "network.territory_not_found"
    title = "There is no such territory"


class AgreementNotFound(NotFound):
    """No such agreement that the caller may know of."""

    code = "network.agreement_not_found"
    title = "There is no such agreement"


class TermsNotFound(NotFound):
    """No such version of terms."""

    code = "network.terms_not_found"
    title = "There are no such terms"


class AccountNotFound(NotFound):
    """No such trading account that the caller may know of."""

    code = "network.account_not_found"
    title = "There is no such trading account"


class AssortmentUnfit(Rejected):
    """Parties narrow with assortments of their own only."""

    code = "network.assortment_unfit"
    title = "This is not an assortment of the organization that sets it"


class CodeTaken(Conflict):
    """An organization's code names one organization."""

    code = "network.code_taken"
    title = "Another organization has this code"


class OperatorOnly(Forbidden):
    """What only the operator of the network may do."""

    code = "network.operator_only"
    title = "Only the operator of the network may do this"


class AlreadyMember(Conflict):
    """A person has one role in an organization."""

    code = "network.already_member"
    title = "The person is a member already"


class LastOwner(Conflict):
    """An organization without an owner could never be changed again."""

    code = "network.last_owner"
    title = "The last owner of an organization stays: name another one first"


class AreaInvalid(Rejected):
    """An area that is no place."""

    code = "network.area_invalid"
    title = "This is not an area"


class TerritoryInUse(Conflict):
    """What was agreed on does not change under the parties."""

    code = "network.territory_in_use"
    title = "Agreements that are no longer drafts refer to this territory: draw a new one"


class PartyUnfit(Rejected):
    """An organization whose kind cannot have this part in an agreement."""

    code = "network.party_unfit"
    title = "This organization cannot be this party"


class ChainBroken(Rejected):
    """An agreement whose parent does not lead to its grantor."""

    code = "network.chain_broken"
    title = "The parent agreement does not entitle the grantor"


class BeyondParent(Rejected):
    """Nobody grants more than it was granted."""

    code = "network.beyond_parent"
    title = "The terms reach beyond those of the parent agreement"


class TermsOverlap(Conflict):
    """Two versions of terms never hold at the same instant."""

    code = "network.terms_overlap"
    title = "New terms must begin after those before them"


class TermsInvalid(Rejected):
    """Terms that contradict themselves."""

    code = "network.terms_invalid"
    title = "These terms contradict themselves"


class TermsMissing(Conflict):
    """An agreement about nothing."""

    code = "network.terms_missing"
    title = "The agreement has no terms yet"


class NotYourMove(Forbidden):
    """The other side does this."""

    code = "network.not_your_move"
    title = "This step is the other party's"


class AccountExists(Conflict):
    """A seller and a buyer have one account."""

    code = "network.account_exists"
    title = "There is a trading account between these two already"


class NotASeller(Rejected):
    """Accounts are kept by those who sell."""

    code = "network.not_a_seller"
    title = "This organization does not sell"


class AgreementOver(Conflict):
    """A terminated agreement gets no new terms."""

    code = "network.agreement_over"
    title = "The agreement is terminated"


class UnitNotFound(NotFound):
    """There is no such unit of a buyer, or the caller may not know of it."""

    code = "network.unit_not_found"
    title = "There is no such unit"


class UnitCodeTaken(Conflict):
    """Another unit of the organization has the code."""

    code = "network.unit_code_taken"
    title = "Another unit has this code"


class UnitTooDeep(Rejected):
    """Trees of units are bounded."""

    code = "network.unit_too_deep"
    title = "Units lie at most ten levels deep"
