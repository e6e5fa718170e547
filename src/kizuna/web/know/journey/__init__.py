"""The journey: designed touchpoints by stage and persona beside what happened; personas."""
