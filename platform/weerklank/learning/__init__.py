"""What an organisation learns from complaints: the register, reports, measures, recommendations, duties, publication.

Every change is a row changed by one function and an event without words in the same trail as that of cases.
"""
